namespace RpcGen.Transport;

/// <summary>Something that lives until it is lost, and is then opened anew. Disposal ends it.</summary>
internal interface ISupervised : IAsyncDisposable
{
    /// <summary>Completes, never fails, when it is gone for whatever reason.</summary>
    Task<TransportClosure> Closed { get; }
}
