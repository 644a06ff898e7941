using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;

namespace RpcGen.AspNetCore.Problems;

/// <summary>
/// Creates the body of a response for a failed call. It shows what the service says to its callers: violations, declared faults and refusals. Other
/// messages name queues and hosts, and stay in the log.
/// </summary>
internal static class ProblemFactory
{
    /// <summary>The problem; null for exceptions that are not of a call.</summary>
    public static ProblemDetails? Create(Exception exception, RpcProblemDetailsOptions options)
    {
        if (RpcProblem.StatusCode(exception, options) is not { } status)
        {
            return null;
        }

        ProblemDetails problem = exception is RpcValidationException validation && options.MapValidation
            ? new HttpValidationProblemDetails(MapPaths(validation.Errors, options))
            : new ProblemDetails { Detail = PublicDetailOf(exception) };
        problem.Status = status;
        if ((exception as RpcException)?.CallId is { } callId)
        {
            problem.Extensions["callId"] = callId;
        }

        if (CodeOf(exception) is { } code)
        {
            problem.Extensions["code"] = code;
        }

        return problem;
    }

    private static string? PublicDetailOf(Exception exception) => exception switch
    {
        RpcAccessDeniedException { IsBrokerRefusal: false } => exception.Message,
        RpcException => null,
        _ => exception.Message,
    };

    private static string? CodeOf(Exception exception) => exception switch
    {
        RpcProtocolException protocol => protocol.Code,
        _ => RpcFault.Of(exception)?.Code,
    };

    private static Dictionary<string, string[]> MapPaths(IReadOnlyDictionary<string, string[]> errors, RpcProblemDetailsOptions options)
    {
        Func<string, string> map = options.MapPath ?? WithoutParameter;
        var mapped = new Dictionary<string, string[]>(StringComparer.Ordinal);
        foreach ((string path, string[] messages) in errors)
        {
            string target = map(path);
            mapped[target] = mapped.TryGetValue(target, out string[]? others) ? [.. others, .. messages] : messages;
        }

        return mapped;
    }

    /// <summary>The path inside the parameter: <c>lines[2]</c> for <c>order.lines[2]</c>, and <c>[2]</c> for <c>lines[2]</c>.</summary>
    private static string WithoutParameter(string path)
    {
        int end = path.AsSpan().IndexOfAny('.', '[');
        return end <= 0 ? path : path[end] == '.' ? path[(end + 1)..] : path[end..];
    }
}
