using System.Security.Claims;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Running;

/// <summary>Callers are checked before anything of their calls is read.</summary>
public sealed class CallAdmissionTests : ServiceDispatcherTest, IRpcAuthenticator, IRpcAuthorizer
{
    private readonly List<string> _steps = [];
    private Func<RpcCallContext, ValueTask<ClaimsPrincipal?>> _authenticate = _ => default;
    private Func<RpcCallContext, string, ValueTask<bool>> _authorize = (_, _) => new(true);

    public ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context)
    {
        Assert.Same(context, RpcCallContext.Current);
        _steps.Add("authenticate");
        return _authenticate(context);
    }

    public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy)
    {
        Assert.Same(context, RpcCallContext.Current);
        _steps.Add(policy);
        return _authorize(context, policy);
    }

    [Fact]
    public async Task The_order_is_caller_policies_arguments_interceptors_handler()
    {
        _authenticate = context =>
        {
            context.Items["from"] = "authenticator";
            return new(new ClaimsPrincipal(new ClaimsIdentity([new Claim(ClaimTypes.Name, "ann")], "token")));
        };
        Server.Interceptors.Add(new Noting(_steps));
        string? seen = null;
        Serve(["read", "write"], text =>
        {
            RpcCallContext context = RpcCallContext.Current!;
            seen = $"{context.User.Identity!.Name} {context.Items["from"]} {context.Method.Name}";
            _steps.Add("handler");
            return text;
        });

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal(CallOutcome.Replied, outcome);
        Assert.Equal(["authenticate", "read", "write", "validate", "interceptor", "handler"], _steps);
        Assert.Equal("ann authenticator echo", seen);
        Assert.True(call.HasInvokedHandler);
    }

    [Theory]
    [InlineData("not JSON at all")]
    [InlineData("""{"text":7}""")]
    [InlineData("""{"text":"hi"}""")]
    public async Task Who_may_not_call_has_nothing_read(string body)
    {
        _authorize = (_, policy) => new(policy != "write");
        Server.Interceptors.Add(new Noting(_steps));
        Serve(["read", "write", "more"]);

        (CallOutcome outcome, ServerCall call) = await Server.HandleAsync(TestServer.Request(body: body));

        Assert.Equal((CallOutcome.Faulted, "unauthenticated", false), (outcome, call.FaultCode, call.HasStarted));
        Assert.Equal(["authenticate", "read", "write"], _steps);
        Assert.Equal("'echo' was refused: the caller does not satisfy the policy 'write'.", Problem(call).GetProperty("detail").GetString());
        Assert.Equal([49], Server.Log.Ids);
    }

    [Fact]
    public async Task A_known_caller_is_denied_rather_than_unauthenticated()
    {
        _authorize = (_, _) => new(false);
        Serve(["read"]);

        (_, ServerCall call) = await Server.HandleAsync(TestServer.Request() with { UserId = "ann" });

        Assert.Equal("permission-denied", call.FaultCode);
    }

    [Theory]
    [InlineData(null, false, "unauthenticated")]
    [InlineData(null, true, null)]
    [InlineData("ann", false, null)]
    public async Task Without_a_policy_a_caller_only_has_to_be_known(string? brokerUser, bool isAuthenticated, string? fault)
    {
        Server.Checks = new CallerChecks(this, null);
        _authenticate = _ => new(new ClaimsPrincipal(new ClaimsIdentity(isAuthenticated ? "token" : null)));
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { KnownCallersOnly = true });

        (_, ServerCall call) = await Server.HandleAsync(TestServer.Request() with { UserId = brokerUser });

        Assert.Equal(fault, call.FaultCode);
    }

    [Fact]
    public async Task An_authenticator_is_asked_for_methods_that_everyone_can_call()
    {
        Serve([]);

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Replied, "authenticate"), (outcome, _steps[0]));
    }

    [Fact]
    public async Task A_reason_reaches_the_caller()
    {
        _authenticate = _ => throw new RpcAccessDeniedException("The token has expired.") { IsUnauthenticated = true };
        Serve([]);

        (_, ServerCall call) = await Server.HandleAsync(TestServer.Request());

        Assert.Equal("""{"type":"urn:rpcgen:fault:unauthenticated","title":"The call was refused.","detail":"The token has expired."}""", Reply(call));
    }

    /// <summary>A check can make calls of its own. Their failures say nothing of this call's arguments.</summary>
    [Fact]
    public async Task A_check_that_fails_is_the_servers_failure()
    {
        foreach (Exception failure in new Exception[]
        {
            new InvalidOperationException("broken"),
            new RpcValidationException(new Dictionary<string, string[]> { ["token"] = ["too long"] }),
            new RpcProtocolException("nested"),
            new RpcAccessDeniedException("nested") { CallId = "7" },
        })
        {
            var test = new CallAdmissionTests { _authorize = (_, _) => throw failure };
            test.Serve(["read"]);

            (CallOutcome outcome, ServerCall call) = await test.Server.HandleAsync(TestServer.Request());

            Assert.Equal((CallOutcome.Faulted, "internal"), (outcome, call.FaultCode));
            Assert.False(Problem(call).GetProperty("ran").GetBoolean());
        }
    }

    [Fact]
    public async Task A_one_way_call_that_is_refused_is_rejected()
    {
        _authorize = (_, _) => new(false);
        Server.Checks = new CallerChecks(null, this);
        Server.Serve((text, _) => new(text), method: json => new TestMethod(json, "echo") { OneWay = true, RequiredPolicies = ["read"] });

        (CallOutcome outcome, _) = await Server.HandleAsync(TestServer.Request(replyTo: null));

        Assert.Equal(CallOutcome.Rejected, outcome);
    }

    [Fact]
    public async Task A_check_sees_the_cancellation_of_its_call()
    {
        _authorize = async (context, _) =>
        {
            await Task.Delay(Timeout.Infinite, context.CancellationToken);
            return true;
        };
        Serve(["read"]);
        ServerCall call = Server.Begin(TestServer.Request());
        Task<CallOutcome> handling = Server.Dispatcher.HandleAsync(call, _ => default).AsTask();
        Assert.False(handling.IsCompleted);

        Assert.True(call.TryCancelByCaller("rpc.cb.me", new CorrelationId("1")));

        Assert.Equal(CallOutcome.Dropped, await handling.Soon());
    }

    [Fact]
    public void A_service_that_names_policies_needs_somebody_to_decide()
    {
        Serve([]);
        CallerChecks.None.ThrowIfIncomplete(Server.Handlers.Select(handler => handler.Method), null, "q");
        CallerChecks.None.ThrowIfIncomplete(Server.Handlers.Select(handler => handler.Method), "", "q");
        Assert.Contains("DescriptionPolicy of queue 'q' is 'insiders'", Assert.Throws<InvalidOperationException>(() => CallerChecks.None.ThrowIfIncomplete(Server.Handlers.Select(handler => handler.Method), "insiders", "q")).Message, StringComparison.Ordinal);

        Server.Clear();
        Serve(["read"]);
        string message = Assert.Throws<InvalidOperationException>(() => CallerChecks.None.ThrowIfIncomplete(Server.Handlers.Select(handler => handler.Method), null, "q")).Message;
        Assert.Contains("'echo' of queue 'q' is marked [RpcAuthorize(\"read\")]", message, StringComparison.Ordinal);
        Assert.Contains("AddAuthorizer", message, StringComparison.Ordinal);
        new CallerChecks(null, this).ThrowIfIncomplete(Server.Handlers.Select(handler => handler.Method), "insiders", "q");
    }

    private void Serve(string[] policies, Func<string, string>? run = null)
    {
        Server.Checks = new CallerChecks(this, this);
        Server.Serve(
            (text, _) => new(run?.Invoke(text) ?? text),
            method: json => new TestMethod(json, "echo") { RequiredPolicies = policies, OnValidate = _ => _steps.Add("validate") });
    }

    private sealed class Noting(List<string> steps) : IRpcServerInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct
        {
            steps.Add("interceptor");
            return next(call);
        }
    }
}
