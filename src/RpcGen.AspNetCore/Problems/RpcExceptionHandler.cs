using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace RpcGen.AspNetCore.Problems;

/// <summary>Answers HTTP requests whose calls failed. Thread-safe.</summary>
internal sealed class RpcExceptionHandler(IProblemDetailsService problems, IOptions<RpcProblemDetailsOptions> options, ILoggerFactory loggers) : IExceptionHandler
{
    private readonly ILogger _log = loggers.CreateLogger("RpcGen.AspNetCore");

    /// <inheritdoc/>
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (ProblemFactory.Create(exception, options.Value) is not { Status: { } status } problem)
        {
            return false;
        }

        if (status >= StatusCodes.Status500InternalServerError)
        {
            AspNetCoreLog.CallFailed(_log, status, (exception as RpcException)?.CallId, exception);
        }

        httpContext.Response.StatusCode = status;
        if (exception is RpcUnavailableException { RetryAfter: { } pause })
        {
            httpContext.Response.Headers.RetryAfter = Math.Max(1, Math.Ceiling(pause.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        if (status == StatusCodes.Status401Unauthorized && httpContext.Response.Headers.WWWAuthenticate.Count == 0)
        {
            httpContext.Response.Headers.WWWAuthenticate = options.Value.Challenge;
        }

        // A client that does not accept JSON gets the status alone.
        await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = httpContext, ProblemDetails = problem, Exception = exception }).ConfigureAwait(false);
        return true;
    }
}
