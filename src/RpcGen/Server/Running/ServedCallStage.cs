namespace RpcGen.Server.Running;

/// <summary>The stage of a served call. The legal moves are listed at <see cref="ServerCall"/>.</summary>
internal enum ServedCallStage
{
    /// <summary>The object is pooled.</summary>
    Idle,

    /// <summary>The call waits for a place, or its request is being checked.</summary>
    Accepted,

    /// <summary>Interceptors and handler run, or have run.</summary>
    Started,
}
