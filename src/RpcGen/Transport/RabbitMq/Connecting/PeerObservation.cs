namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>What was seen of the other side during an attempt to connect. It distinguishes causes that have the same exception.</summary>
internal sealed class PeerObservation
{
    /// <summary>What the other side's first octets are. With TLS they belong to the handshake.</summary>
    public PeerKind Kind { get; init; }

    /// <summary>Whether the other side closed or reset the connection at once.</summary>
    public bool IsEnded { get; init; }

    /// <summary>Whether a frame of the broker arrived.</summary>
    public bool HasFrames { get; init; }

    /// <summary>The TLS handshake; null without TLS.</summary>
    public TlsHandshake? Tls { get; init; }

    /// <summary>Recognizes protocols by their first octets.</summary>
    public static PeerKind Recognize(ReadOnlySpan<byte> first) => first switch
    {
        [] => PeerKind.Silent,
        [(byte)'A', (byte)'M', (byte)'Q', (byte)'P', ..] => PeerKind.ProtocolHeader,
        [(byte)'H', (byte)'T', (byte)'T', (byte)'P', ..] => PeerKind.Http,
        [0x14 or 0x15 or 0x16, 0x03, ..] => PeerKind.Tls,
        [1, 0, 0, ..] => PeerKind.Frame,
        _ => PeerKind.Other,
    };
}

/// <summary>What answers on a port.</summary>
internal enum PeerKind
{
    /// <summary>Nothing has arrived.</summary>
    Silent = 0,

    /// <summary>A frame on channel 0: a broker.</summary>
    Frame,

    /// <summary>AMQP's protocol header: a broker refuses what it received, because it was TLS or another version.</summary>
    ProtocolHeader,

    /// <summary>A record of TLS.</summary>
    Tls,

    /// <summary>HTTP.</summary>
    Http,

    /// <summary>Something else.</summary>
    Other,
}
