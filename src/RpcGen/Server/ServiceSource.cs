namespace RpcGen.Server;

/// <summary>Where the objects come from that run calls: the same one for all, or one for each. Thread-safe.</summary>
internal abstract class ServiceSource<TService>
    where TService : class
{
    /// <summary>Begins a call; false where none can run any more.</summary>
    public abstract bool TryRent(out ServiceLease<TService> lease);
}

/// <summary>The object that runs a call.</summary>
internal abstract class ServiceLease<TService>
    where TService : class
{
    /// <summary>The object. What goes wrong in making it fails the call.</summary>
    public abstract TService GetService();

    /// <summary>The call has ended, its result is written. Must not throw.</summary>
    public virtual ValueTask EndAsync() => default;
}

/// <summary>One object for all calls.</summary>
internal sealed class SharedService<TService>(TService service) : ServiceSource<TService>
    where TService : class
{
    private readonly Lease _lease = new(service);

    public override bool TryRent(out ServiceLease<TService> lease)
    {
        lease = _lease;
        return true;
    }

    private sealed class Lease(TService service) : ServiceLease<TService>
    {
        public override TService GetService() => service;
    }
}
