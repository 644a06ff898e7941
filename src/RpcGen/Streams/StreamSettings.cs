namespace RpcGen.Streams;

/// <summary>Settings of all streams of a connection.</summary>
/// <param name="Broker">The broker's address without credentials, for messages.</param>
/// <param name="MaxMessageBytes">The largest body that is sent or accepted.</param>
internal sealed record StreamSettings(string Broker, int MaxMessageBytes)
{
    /// <summary>How often this process says that it is alive.</summary>
    public TimeSpan Beat { get; init; } = Protocol.StreamBeat.Default;

    /// <summary>The bytes that all streams of the connection can buffer together.</summary>
    public long MaxBufferBytes { get; init; } = 64 << 20;

    /// <summary>The exchange that messages to stream queues are published to; empty for the default exchange.</summary>
    public string ReplyExchange { get; init; } = "";
}
