using Microsoft.AspNetCore.Http;

namespace RpcGen;

/// <summary>The HTTP statuses of failed calls, everywhere in RpcGen.AspNetCore.</summary>
public static class RpcProblem
{
    private const int DefaultFaultStatus = StatusCodes.Status422UnprocessableEntity;

    /// <summary>
    /// The status of the HTTP response when a call has failed; null for exceptions that are neither an <see cref="RpcException"/> nor a declared fault
    /// of a call, among them cancellations.
    /// </summary>
    /// <param name="exception">The exception that the call threw.</param>
    /// <param name="options">Settings that change statuses. Default: none.</param>
    public static int? StatusCode(Exception exception, RpcProblemDetailsOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception switch
        {
            RpcValidationException => options is { MapValidation: false } ? StatusCodes.Status500InternalServerError : StatusCodes.Status400BadRequest,
            RpcProtocolException protocol => StatusOf(protocol),
            RpcAccessDeniedException denied => StatusOf(denied),
            RpcUnavailableException => StatusCodes.Status503ServiceUnavailable,
            RpcTimeoutException => StatusCodes.Status504GatewayTimeout,
            RpcException => StatusCodes.Status502BadGateway,
            _ => RpcFault.Of(exception) is { } fault ? StatusOf(fault, options) : null,
        };
    }

    private static int StatusOf(RpcProtocolException exception) => exception.Code switch
    {
        "too-large" => StatusCodes.Status413PayloadTooLarge,
        "unknown-method" or "unsupported" => StatusCodes.Status501NotImplemented,
        _ => StatusCodes.Status502BadGateway,
    };

    private static int StatusOf(RpcAccessDeniedException exception) =>
        exception.IsBrokerRefusal ? StatusCodes.Status500InternalServerError
        : exception.IsUnauthenticated ? StatusCodes.Status401Unauthorized
        : StatusCodes.Status403Forbidden;

    private static int StatusOf(RpcFault fault, RpcProblemDetailsOptions? options)
    {
        int status = options is not null && options.FaultStatusCodes.TryGetValue(fault.Code, out int chosen) ? chosen : fault.HttpStatus;
        return status is >= 400 and <= 599 ? status : DefaultFaultStatus;
    }
}
