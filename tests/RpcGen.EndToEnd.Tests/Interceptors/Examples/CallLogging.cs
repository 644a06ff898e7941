using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region logging
public sealed partial class CallLogging(ILogger<CallLogging> log) : IRpcClientInterceptor
{
    public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            TResult result = await next(call).ConfigureAwait(false);
            Succeeded(call.Method.Name, Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            return result;
        }
        catch (Exception e)
        {
            // Arguments are available too. They can contain personal data.
            Failed(call.Method.Name, call.GetArguments().Length, Stopwatch.GetElapsedTime(start).TotalMilliseconds, e);
            throw;
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "{Method} took {Milliseconds} ms.")]
    private partial void Succeeded(string method, double milliseconds);

    [LoggerMessage(2, LogLevel.Warning, "{Method} with {Count} arguments failed after {Milliseconds} ms.")]
    private partial void Failed(string method, int count, double milliseconds, Exception exception);
}
#endregion
