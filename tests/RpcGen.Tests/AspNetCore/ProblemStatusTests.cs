namespace RpcGen.Tests.AspNetCore;

/// <summary>The one table of statuses.</summary>
public sealed class ProblemStatusTests
{
    public static TheoryData<string, int?> Statuses => new()
    {
        { "validation", 400 },
        { "protocol", 502 },
        { "too-large", 413 },
        { "unknown-method", 501 },
        { "unsupported", 501 },
        { "result-too-large", 502 },
        { "unreadable reply", 502 },
        { "unauthenticated", 401 },
        { "permission-denied", 403 },
        { "broker refuses", 500 },
        { "unavailable", 503 },
        { "connection", 502 },
        { "timeout", 504 },
        { "remote", 502 },
        { "cancelled", null },
        { "other", null },
    };

    [Theory]
    [MemberData(nameof(Statuses))]
    public void Each_failure_has_its_status(string failure, int? status) => Assert.Equal(status, RpcProblem.StatusCode(Create(failure)));

    [Fact]
    public void Violations_of_own_arguments_are_own_errors() =>
        Assert.Equal(500, RpcProblem.StatusCode(Create("validation"), new RpcProblemDetailsOptions { MapValidation = false }));

    private static Exception Create(string failure) => failure switch
    {
        "validation" => new RpcValidationException(new Dictionary<string, string[]> { ["a"] = ["b"] }),
        "protocol" or "too-large" or "unknown-method" or "unsupported" or "result-too-large" => new RpcProtocolException("x") { Code = failure },
        "unreadable reply" => new RpcProtocolException("x"),
        "unauthenticated" => new RpcAccessDeniedException("x") { IsUnauthenticated = true },
        "permission-denied" => new RpcAccessDeniedException("x"),
        "broker refuses" => new RpcAccessDeniedException("x") { IsBrokerRefusal = true },
        "unavailable" => new RpcUnavailableException("x", "q"),
        "connection" => new RpcConnectionException("x"),
        "timeout" => new RpcTimeoutException("x"),
        "remote" => new RpcRemoteException("x", "internal"),
        "cancelled" => new OperationCanceledException(),
        _ => new InvalidOperationException("x"),
    };
}
