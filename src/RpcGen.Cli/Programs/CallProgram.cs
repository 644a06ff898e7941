namespace RpcGen.Cli.Programs;

/// <summary>A call that a program is to make.</summary>
/// <param name="Queue">The request queue.</param>
/// <param name="Method">The method.</param>
/// <param name="Arguments">The body, as JSON in ASCII.</param>
/// <param name="Limit">The time limit; null for none.</param>
/// <param name="Metadata">The metadata; null for none.</param>
internal sealed record CallProgram(string Queue, RpcMethodDescription Method, string Arguments, TimeSpan? Limit, RpcMetadata? Metadata)
{
    /// <summary>The languages, as <c>--as</c> names them.</summary>
    public static readonly string[] Languages = ["csharp", "python", "typescript"];

    /// <summary>Where programs find the address of the broker. It can have a password, so it is not written into them.</summary>
    public const string Variable = "RPCGEN_BROKER";

    /// <summary>The address without that variable.</summary>
    public const string LocalBroker = "amqp://guest:guest@localhost";

    /// <summary>Writes a program. Names come from peers: they are only written as literals, so they cannot add code.</summary>
    public string Write(string language) => language switch
    {
        "csharp" => CSharpProgram.Write(this),
        "python" => PythonProgram.Write(this),
        _ => NodeProgram.Write(this),
    };

    /// <summary>The time limit in whole milliseconds; null for none.</summary>
    public long? Milliseconds => Limit is { } limit && limit != Timeout.InfiniteTimeSpan ? (long)Math.Ceiling(limit.TotalMilliseconds) : null;
}
