namespace RpcGen.Transport;

/// <summary>Something open that closes once and says why. Disposal closes it.</summary>
internal interface IClosable : IAsyncDisposable
{
    /// <summary>Completes when it has closed, for any reason. Never fails.</summary>
    Task<TransportClosure> Closed { get; }
}
