using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;
using RpcGen.Server.Running;

namespace RpcGen.Hosting;

/// <summary>Gives each call a scope of the container, and the service from that scope.</summary>
internal sealed class ScopedServices<TService, TImplementation>(IServiceScopeFactory scopes, ILogger log) : ServiceSource<TService>
    where TService : class
    where TImplementation : class, TService
{
    public override bool TryRent(out ServiceLease<TService> lease)
    {
        try
        {
            lease = new CallScope(scopes.CreateScope(), log);
            return true;
        }
        catch (ObjectDisposedException)
        {
            // The container is being disposed, and the connection with it.
            lease = null!;
            return false;
        }
    }

    private sealed class CallScope(IServiceScope scope, ILogger log) : ServiceLease<TService>
    {
        public override IServiceProvider Scope => scope.ServiceProvider;

        public override TService GetService() => scope.ServiceProvider.GetRequiredService<TImplementation>();

        public override async ValueTask EndAsync()
        {
            try
            {
                if (scope is IAsyncDisposable disposable)
                {
                    await disposable.DisposeAsync().ConfigureAwait(false);
                }
                else
                {
                    scope.Dispose();
                }
            }
#pragma warning disable CA1031 // The call already has its outcome: a failing disposal is logged and does not change it.
            catch (Exception e)
#pragma warning restore CA1031
            {
                Log.ScopeNotDisposed(log, typeof(TImplementation).Name, e);
            }
        }
    }
}
