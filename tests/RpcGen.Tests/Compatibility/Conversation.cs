namespace RpcGen.Tests.Compatibility;

/// <summary>A script for both sides of a conversation. Each side also plays against the record of the other one.</summary>
/// <param name="Name">The name of its file.</param>
/// <param name="Title">What it shows.</param>
internal sealed record Conversation(string Name, string Title)
{
    /// <summary>Prepares and starts the server.</summary>
    public Func<Stage, Task> Serve { get; init; } = stage => stage.ServeAsync<IRecorded>(stage.Service);

    /// <summary>What the client does, and what it must get.</summary>
    public required Func<Stage, Task> Call { get; init; }

    /// <summary>Settings of the connections of the client (true) and the server.</summary>
    public Func<bool, RpcConnectionOptions> Options { get; init; } = _ => new RpcConnectionOptions();

    /// <summary>What the service has done without an answer.</summary>
    public string[] Notes { get; init; } = [];

    public override string ToString() => Name;
}
