namespace RpcGen.Simulation.Streaming;

/// <summary>The ways in which a method streams, one for each stream method of <see cref="Stage.IWorkshop"/>.</summary>
internal enum StreamShape
{
    List,
    ListIdempotently,
    ListOnce,
    ListSparingly,
    ListNarrowly,
    Store,
    StoreIdempotently,
    Echo,
    Report,
    Download,
    Upload,
}

/// <summary>What follows from a shape.</summary>
internal static class StreamShapes
{
    /// <summary>All of them.</summary>
    public static readonly StreamShape[] All = Enum.GetValues<StreamShape>();

    /// <summary>Whether the client has a source that the server reads.</summary>
    public static bool SendsStream(this StreamShape shape) => shape is StreamShape.Store or StreamShape.StoreIdempotently or StreamShape.Echo or StreamShape.Upload;

    /// <summary>Whether the server has a source that the client reads.</summary>
    public static bool ReturnsStream(this StreamShape shape) => shape is < StreamShape.Store or StreamShape.Echo or StreamShape.Download;

    /// <summary>Whether bytes are counted instead of items.</summary>
    public static bool IsOfBytes(this StreamShape shape) => shape is StreamShape.Download or StreamShape.Upload;

    /// <summary>Whether its client makes the call again after a loss, as long as nothing has come.</summary>
    public static bool IsIdempotent(this StreamShape shape) => shape is StreamShape.ListIdempotently or StreamShape.StoreIdempotently;
}
