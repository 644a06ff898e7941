namespace RpcGen.Protocol;

/// <summary>What a message is. Read once from its <c>type</c> when it arrives; nothing after that compares the text.</summary>
internal enum MessageKind
{
    /// <summary>A request that calls a method.</summary>
    Call,

    /// <summary>A reply that carries a result, or nothing where the method has no result.</summary>
    Result,

    /// <summary>A reply that carries a fault.</summary>
    Fault,

    /// <summary>Several requests, or several replies.</summary>
    Batch,

    /// <summary>A reply that sends a request back.</summary>
    Again,

    /// <summary>A reply that says who runs a long call. The result follows.</summary>
    Open,

    /// <summary>A request that asks which instance answers.</summary>
    Ping,

    /// <summary>A request that asks for the contract.</summary>
    Describe,

    /// <summary>A request that asks what the instance has done.</summary>
    Stats,

    /// <summary>A request to be told of calls as they end.</summary>
    Watch,

    /// <summary>A kind that this version does not know.</summary>
    Unsupported,
}

/// <summary>Reads the kind of a message from its <c>type</c>.</summary>
internal static class MessageKinds
{
    /// <summary>The kind of a request. A method's name never starts with <see cref="WireNames.ReservedTypePrefix"/>.</summary>
    public static MessageKind OfRequest(string? type) => type switch
    {
        WireNames.Batch => MessageKind.Batch,
        WireNames.Ping => MessageKind.Ping,
        WireNames.Describe => MessageKind.Describe,
        WireNames.Stats => MessageKind.Stats,
        WireNames.Watch => MessageKind.Watch,
        [WireNames.ReservedTypePrefix, ..] => MessageKind.Unsupported,
        _ => MessageKind.Call,
    };

    /// <summary>Whether a request asks the server about itself.</summary>
    public static bool IsQuestion(MessageKind kind) => kind is MessageKind.Ping or MessageKind.Describe or MessageKind.Stats or MessageKind.Watch;

    /// <summary>The kind of a reply, or of one entry in a batch of replies.</summary>
    public static MessageKind OfReply(string? type) => type switch
    {
        null or "" => MessageKind.Result,
        WireNames.Fault => MessageKind.Fault,
        WireNames.Batch => MessageKind.Batch,
        WireNames.Again => MessageKind.Again,
        WireNames.Open => MessageKind.Open,
        _ => MessageKind.Unsupported,
    };
}
