namespace RpcGen.Server.Running;

/// <summary>Gives the objects that run calls: one for all calls, or one for each. Thread-safe.</summary>
internal abstract class ServiceSource<TService>
    where TService : class
{
    /// <summary>Leases an object for one call; false if the source is disposed and no call can run any more.</summary>
    public abstract bool TryRent(out ServiceLease<TService> lease);
}

/// <summary>The object that runs one call.</summary>
internal abstract class ServiceLease<TService>
    where TService : class
{
    /// <summary>The call's scope of the container; null without a container.</summary>
    public virtual IServiceProvider? Scope => null;

    /// <summary>Gets the object, creating it if necessary. An exception here fails the call.</summary>
    public abstract TService GetService();

    /// <summary>Ends the lease after the result is written. Must not throw.</summary>
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
