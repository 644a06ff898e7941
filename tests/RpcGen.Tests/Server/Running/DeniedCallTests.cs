using System.Text.Json;
using RpcGen.Server.Running;
using RpcGen.Tests.Diagnostics;

namespace RpcGen.Tests.Server.Running;

/// <summary>What callers are told when a handler or an interceptor denies the call.</summary>
[Collection("telemetry")]
public sealed class DeniedCallTests
{
    private readonly TestServer _server = new();

    [Theory]
    [InlineData(true, "unauthenticated")]
    [InlineData(false, "permission-denied")]
    public async Task A_denial_by_the_handler_says_that_it_ran(bool isUnauthenticated, string code)
    {
        (CallOutcome outcome, ServerCall call) = await FailAsync(new RpcAccessDeniedException("Not you.") { IsUnauthenticated = isUnauthenticated });

        Assert.Equal((CallOutcome.Faulted, code, "Not you."), (outcome, call.FaultCode, Problem(call).GetProperty("detail").GetString()));
        Assert.True(Problem(call).GetProperty("ran").GetBoolean());
        Assert.Equal([49], _server.Log.Ids);
    }

    [Fact]
    public async Task A_denial_by_an_interceptor_says_nothing_of_the_handler_since_the_code_does()
    {
        _server.Interceptors.Add(new Denying());
        _server.Serve((text, _) => new(text));

        (_, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal("permission-denied", call.FaultCode);
        Assert.False(Problem(call).TryGetProperty("ran", out _));
    }

    [Fact]
    public async Task A_refusal_of_a_request_that_was_delivered_before_does_not_say_that_it_never_ran()
    {
        _server.Interceptors.Add(new Denying());
        _server.Serve((text, _) => new(text));

        (_, ServerCall call) = await _server.HandleAsync(TestServer.Request(isRedelivered: true));

        Assert.Equal("permission-denied", call.FaultCode);
        Assert.Equal(JsonValueKind.Null, Problem(call).GetProperty("ran").ValueKind);
    }

    [Fact]
    public async Task A_denial_of_a_nested_call_is_no_denial_of_this_one()
    {
        (_, ServerCall call) = await FailAsync(new RpcAccessDeniedException("Not me.") { CallId = "7" });

        Assert.Equal("internal", call.FaultCode);
    }

    private static JsonElement Problem(ServerCall call) => JsonElement.Parse(call.Reply.Written.Span);

    private Task<(CallOutcome Outcome, ServerCall Call)> FailAsync(Exception exception)
    {
        _server.Clear();
        _server.Serve((_, _) => throw exception);
        return _server.HandleAsync(TestServer.Request());
    }

    private sealed class Denying : IRpcServerInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct => throw new RpcAccessDeniedException("Not you.");
    }
}
