namespace RpcGen.Protocol;

/// <summary>What a message between the peers of a stream is. Read once from its <c>type</c>.</summary>
internal enum StreamMessageKind
{
    /// <summary>The server has the call, and no item yet.</summary>
    Open,

    /// <summary>Items.</summary>
    Item,

    /// <summary>The last items, or none: the stream is complete.</summary>
    End,

    /// <summary>The stream has failed, or the call was refused.</summary>
    Fault,

    /// <summary>The receiver takes more.</summary>
    Grant,

    /// <summary>The receiver takes no more.</summary>
    Cancel,

    /// <summary>The peer is alive. Lists the calls.</summary>
    Beat,

    /// <summary>A kind that this version does not know.</summary>
    Unsupported,
}

/// <summary>The names of the kinds on the wire.</summary>
internal static class StreamMessageKinds
{
    public const string Open = "open";
    public const string Item = "item";
    public const string End = "end";
    public const string Grant = "grant";
    public const string Cancel = "cancel";
    public const string Beat = "beat";

    /// <summary>The kind of a message by its <c>type</c>.</summary>
    public static StreamMessageKind Of(string? type) => type switch
    {
        Item => StreamMessageKind.Item,
        Grant => StreamMessageKind.Grant,
        Beat => StreamMessageKind.Beat,
        End => StreamMessageKind.End,
        Open => StreamMessageKind.Open,
        Cancel => StreamMessageKind.Cancel,
        WireNames.Fault => StreamMessageKind.Fault,
        _ => StreamMessageKind.Unsupported,
    };
}
