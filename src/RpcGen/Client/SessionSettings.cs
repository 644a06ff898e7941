namespace RpcGen.Client;

/// <summary>Settings of all calls of a connection.</summary>
/// <param name="Broker">The broker's address without credentials, for messages.</param>
/// <param name="MaxMessageBytes">The largest body that is sent or accepted.</param>
/// <param name="Batching">Whether calls can be batched unless their client says otherwise.</param>
/// <param name="SendsUser">Whether requests carry the broker's user of the connection that sends them.</param>
internal sealed record SessionSettings(string Broker, int MaxMessageBytes, bool Batching, bool SendsUser = false)
{
    /// <summary>The connection's user, for messages.</summary>
    public string UserName { get; init; } = "";

    /// <summary>How many calls can wait for their outcome at a time; null for no limit.</summary>
    public int? MaxPendingCalls { get; init; }

    /// <summary>The exchange that replies can come through, besides the default exchange; empty for none.</summary>
    public string ReplyExchange { get; init; } = "";
}
