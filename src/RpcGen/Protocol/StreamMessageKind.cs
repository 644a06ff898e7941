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

    /// <summary>A caller is alive. Lists the long calls that it waits for.</summary>
    Waiting,

    /// <summary>A server is alive. Lists the long calls that it answers.</summary>
    Running,

    /// <summary>The one result of a call that sends streams and receives none, or of a long call.</summary>
    Result,

    /// <summary>A kind that this version does not know.</summary>
    Unsupported,
}

/// <summary>The names of the kinds on the wire.</summary>
internal static class StreamMessageKinds
{
    public const string Open = WireNames.Open;
    public const string Item = "item";
    public const string End = "end";
    public const string Grant = "grant";
    public const string Cancel = "cancel";
    public const string Beat = "beat";
    public const string Waiting = "waiting";
    public const string Running = "running";

    /// <summary>The kind of a message by its <c>type</c>.</summary>
    /// <param name="type">The type.</param>
    /// <param name="name">The parameter that the message is about, as in <c>item:orders</c>; null for the call's result.</param>
    public static StreamMessageKind Of(string? type, out string? name)
    {
        StreamMessageKind kind = Of(type.AsSpan());
        name = null;
        if (kind != StreamMessageKind.Unsupported || type is null || type.IndexOf(':', StringComparison.Ordinal) is not (> 0 and var colon))
        {
            return kind;
        }

        kind = Of(type.AsSpan(0, colon));
        name = type[(colon + 1)..];
        return kind is StreamMessageKind.Item or StreamMessageKind.End or StreamMessageKind.Fault or StreamMessageKind.Grant or StreamMessageKind.Cancel
            ? kind
            : StreamMessageKind.Unsupported;
    }

    /// <summary>The <c>type</c> of a message about a parameter; the kind itself for null.</summary>
    public static string About(string kind, string? parameter) => parameter is null ? kind : $"{kind}:{parameter}";

    private static StreamMessageKind Of(ReadOnlySpan<char> type) => type switch
    {
        "" => StreamMessageKind.Result,
        Item => StreamMessageKind.Item,
        Grant => StreamMessageKind.Grant,
        Beat => StreamMessageKind.Beat,
        End => StreamMessageKind.End,
        Open => StreamMessageKind.Open,
        Cancel => StreamMessageKind.Cancel,
        WireNames.Fault => StreamMessageKind.Fault,
        Waiting => StreamMessageKind.Waiting,
        Running => StreamMessageKind.Running,
        _ => StreamMessageKind.Unsupported,
    };
}
