using Microsoft.Extensions.Logging;
using RpcGen.Diagnostics;

namespace RpcGen.Connections;

/// <summary>Calls back, and logs exceptions, so that they do not end the supervision.</summary>
/// <param name="name">What is kept open, for the log.</param>
/// <param name="log">The log.</param>
internal sealed class GuardedCallbacks(string name, ILogger log)
{
    public void Call(Action callback)
    {
        try
        {
            callback();
        }
#pragma warning disable CA1031 // See the class's summary.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallbackFailed(log, name, e);
        }
    }

    public async Task CallAsync(Func<Task> callback)
    {
        try
        {
            await callback().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // See the class's summary.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Log.CallbackFailed(log, name, e);
        }
    }
}
