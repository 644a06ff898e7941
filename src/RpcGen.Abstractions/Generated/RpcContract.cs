using System.ComponentModel;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>What a contract says of itself as a whole. Made by generated code; immutable.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcContract
{
    /// <summary>Describes the contract served on <paramref name="queue"/>.</summary>
    public RpcContract(string queue)
    {
        Queue = queue;
        Name = queue;
    }

    /// <summary>The contract's full name in C#, such as <c>Demo.IOrders</c>; what it is told to be, else the queue.</summary>
    public string Name { get; init; }

    /// <summary>The version of the assembly that the contract is compiled into; null where it was given none.</summary>
    public string? Version { get; init; }

    /// <summary>The request queue, which clients and servers may override.</summary>
    public string Queue { get; }

    /// <summary>What message bodies look like.</summary>
    public RpcBodyStyle BodyStyle { get; init; }

    /// <summary>Whether calls fail at once when nobody consumes the queue.</summary>
    public bool FailFast { get; init; }

    /// <summary>The JSON metadata that the contract's assembly brings along: the defaults of its <c>JsonSerializerContext</c>s.</summary>
    public IReadOnlyList<IJsonTypeInfoResolver> JsonContexts { get; init; } = [];
}
