using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class MethodHandlerTests
{
    private readonly TestServer _server = new();
    private readonly List<string> _steps = [];

    [Fact]
    public async Task Interceptors_run_in_order_around_the_handler_and_can_change_the_arguments()
    {
        _server.Interceptors.Add(new Noting(_steps, "outer"));
        _server.Interceptors.Add(new Noting(_steps, "inner") { Change = "changed" });
        _server.Serve((text, _) =>
        {
            _steps.Add($"handler {text}");
            return new(text);
        });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal(CallOutcome.Replied, outcome);
        Assert.True(call.HasInvokedHandler);
        Assert.Equal(["outer", "inner", "handler changed", "inner done", "outer done"], _steps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_service_is_made_after_the_interceptors_and_released_after_the_result_is_written(bool isIntercepted)
    {
        if (isIntercepted)
        {
            _server.Interceptors.Add(new Noting(_steps, "interceptor"));
        }

        _server.Serve(new ScopedService(_steps));

        await _server.HandleAsync(TestServer.Request());

        Assert.Equal(isIntercepted ? ["rent", "interceptor", "make", "interceptor done", "end"] : ["rent", "make", "end"], _steps);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_that_cannot_be_made_fails_the_call_before_the_handler_ran(bool isIntercepted)
    {
        if (isIntercepted)
        {
            _server.Interceptors.Add(new Noting([], "interceptor"));
        }

        _server.Serve(new ScopedService(_steps) { Failure = new InvalidOperationException("no service") });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Faulted, "internal", false), (outcome, call.FaultCode, call.HasInvokedHandler));
        Assert.Equal(["rent", "end"], _steps);
    }

    [Fact]
    public async Task Without_a_service_the_request_is_left_to_another_server()
    {
        _server.Serve(new ScopedService(_steps) { IsGone = true });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Dropped, true), (outcome, call.IsAbandoned));
    }

    [Fact]
    public async Task Without_a_service_an_at_most_once_call_is_told_that_it_did_not_run()
    {
        _server.Serve(new ScopedService(_steps) { IsGone = true }, method: json => new TestMethod(json, "echo") { AtMostOnce = true });

        (CallOutcome outcome, ServerCall call) = await _server.HandleAsync(TestServer.Request());

        Assert.Equal((CallOutcome.Faulted, "unavailable", false), (outcome, call.FaultCode, call.IsAbandoned));
    }

    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task A_handler_gets_a_token_only_if_its_method_takes_one(bool isIntercepted, bool isCancellable)
    {
        if (isIntercepted)
        {
            _server.Interceptors.Add(new Noting([], "interceptor"));
        }

        CancellationToken seen = default;
        _server.Serve(
            (text, token) =>
            {
                seen = token;
                return new(text);
            },
            method: json => new TestMethod(json, "echo") { Cancellable = isCancellable });

        await _server.HandleAsync(TestServer.Request());

        Assert.Equal(isCancellable, seen.CanBeCanceled);
    }

    [Fact]
    public async Task A_handler_that_is_slow_is_waited_for()
    {
        var result = new TaskCompletionSource<string>();
        _server.Serve((_, _) => new(result.Task));
        ServerCall call = _server.Begin(TestServer.Request());

        ValueTask<CallOutcome> handling = _server.Dispatcher.HandleAsync(call, _ => default);
        Assert.False(handling.IsCompleted);
        result.SetResult("done");

        Assert.Equal(CallOutcome.Replied, await handling.Soon());
    }

    private sealed class Noting(List<string> steps, string name) : IRpcServerInterceptor
    {
        public string? Change { get; init; }

        public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct
        {
            steps.Add(name);
            if (Change is not null)
            {
                call.Arguments = (TArguments)(object)new ValueTuple<string>(Change);
            }

            TResult result = await next(call);
            steps.Add($"{name} done");
            return result;
        }
    }

    private sealed class ScopedService(List<string> steps) : ServiceSource<TestService>
    {
        public bool IsGone { get; init; }

        public Exception? Failure { get; init; }

        public override bool TryRent(out ServiceLease<TestService> lease)
        {
            steps.Add("rent");
            lease = new Scope(steps, Failure);
            return !IsGone;
        }

        private sealed class Scope(List<string> steps, Exception? failure) : ServiceLease<TestService>
        {
            public override TestService GetService()
            {
                if (failure is not null)
                {
                    throw failure;
                }

                steps.Add("make");
                return new TestService((text, _) => new(text));
            }

            public override ValueTask EndAsync()
            {
                steps.Add("end");
                return default;
            }
        }
    }
}
