namespace RpcGen.Transport;

/// <summary>Something open that closes once and says why. Disposal closes it.</summary>
internal interface IClosable : IAsyncDisposable
{
    /// <summary>The broker's node that it is open on, for messages and logs; null if the broker is in this process.</summary>
    string? Node => null;

    /// <summary>Completes when it has closed, for any reason. Never fails.</summary>
    Task<TransportClosure> Closed { get; }
}
