using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Interceptors;

/// <summary>What interceptors see and can do.</summary>
public abstract class InterceptorTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task They_are_called_from_the_outside_in_on_both_sides()
    {
        var trace = new ConcurrentQueue<string>();
        RpcConnection serving = await ConnectAsync(new RpcConnectionOptions { ServerInterceptors = { new Recorder(trace, "server of connection") } });
        await serving.ServeAsync<ITroublemaker>(
            new Troublemaker((text, _) =>
            {
                trace.Enqueue("handler");
                return Task.FromResult(text);
            }),
            new RpcServerOptions(ServerOptions) { Interceptors = { new Recorder(trace, "server") } },
            Cancel);
        RpcConnection calling = await ConnectAsync(new RpcConnectionOptions { ClientInterceptors = { new Recorder(trace, "client of connection") } });
        ITroublemaker client = calling.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Interceptors = { new Recorder(trace, "client") } });

        Assert.Equal("hello", await client.DoAsync("hello", Cancel));

        Assert.Equal(
            [
                "client of connection: Do(hello)", "client: Do(hello)", "server of connection: Do(hello)", "server: Do(hello)", "handler",
                "server: hello", "server of connection: hello", "client: hello", "client of connection: hello",
            ],
            trace);
    }

    [Fact]
    public async Task They_see_methods_without_arguments_or_result()
    {
        var trace = new ConcurrentQueue<string>();
        await (await ConnectAsync()).ServeAsync<ICalculator>(new Calculator(), new RpcServerOptions(ServerOptions) { Interceptors = { new Recorder(trace, "server") } }, Cancel);
        ICalculator client = (await ConnectAsync()).CreateClient<ICalculator>(new RpcClientOptions(ClientOptions) { Interceptors = { new Recorder(trace, "client") } });

        await client.RememberAsync("x", Cancel);
        await client.ForgetAsync();
        Assert.Equal(-7, await client.NegateAsync(7));

        Assert.Equal(
            [
                "client: Remember(x)", "server: Remember(x)", "server: RpcGen.RpcVoid", "client: RpcGen.RpcVoid",
                "client: Forget()", "server: Forget()", "server: RpcGen.RpcVoid", "client: RpcGen.RpcVoid",
                "client: Negate(7)", "server: Negate(7)", "server: -7", "client: -7",
            ],
            trace);
    }

    [Fact]
    public async Task They_may_change_arguments_metadata_and_time()
    {
        await ServeAsync(
            (text, _) => Task.FromResult($"{text} {RpcCallContext.Current!.Metadata["tenant"]} {RpcCallContext.Current.Remaining.TotalSeconds > 100}"),
            new RpcServerOptions { Interceptors = { new Changer(text => text + "!") } });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Changer(text => text.ToUpperInvariant()) } });
        var reply = new RpcMetadata();

        Assert.Equal("HELLO! acme True", await client.With(timeout: TimeSpan.FromSeconds(50), replyMetadata: reply).DoAsync("hello", Cancel));
        Assert.Equal("yes", reply["changed"]);
    }

    [Fact]
    public async Task They_may_answer_themselves()
    {
        int runs = 0;
        await ServeAsync((_, _) => Task.FromResult($"{++runs}"), new RpcServerOptions { Interceptors = { new Answerer("server") } });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Answerer("client") } });

        Assert.Equal("client's own", await client.DoAsync("client", Cancel));
        Assert.Equal("server's own", await client.DoAsync("server", Cancel));
        Assert.Equal("1", await client.DoAsync("", Cancel));
    }

    [Fact]
    public async Task They_see_faults_and_may_change_them()
    {
        await ServeAsync(
            (text, _) => throw new QuotaExceededException(text, 1, []),
            new RpcServerOptions { Interceptors = { new Translator<QuotaExceededException>(e => new HardQuotaExceededException(e.Message + " really", 2, [])) } });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Translator<HardQuotaExceededException>(e => new NotSupportedException(e.Message)) } });

        Assert.Equal("no really", (await Assert.ThrowsAsync<NotSupportedException>(() => client.DoWithQuotaAsync("no", Cancel))).Message);
    }

    [Fact]
    public async Task What_they_throw_is_the_calls_outcome()
    {
        await ServeAsync((_, _) => Task.FromResult(""), new RpcServerOptions { Interceptors = { new Thrower("server") } });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Thrower("client") } });

        Assert.Equal("thrown", (await Assert.ThrowsAsync<InvalidOperationException>(() => client.DoAsync("client", Cancel))).Message);
        Assert.Equal("internal", (await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("server", Cancel))).Code);
        Assert.Equal("", await client.DoAsync("", Cancel));
    }

    [Fact]
    public async Task Repetitions_are_calls_of_their_own_within_the_callers_time()
    {
        var ids = new ConcurrentQueue<string?>();
        await ServeAsync((_, _) =>
        {
            ids.Enqueue(RpcCallContext.Current!.CallId);
            throw new InvalidOperationException();
        });
        var repeater = new Repeater();
        ITroublemaker client = (await CreateClientAsync(new RpcClientOptions { Interceptors = { repeater } })).With(timeout: TimeSpan.FromSeconds(2));

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.DoAsync("", Cancel));

        Assert.True(repeater.Remaining.Count > 1);
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.Equal(repeater.Remaining.OrderDescending(), repeater.Remaining);
    }

    [Fact]
    public async Task A_callers_cancellation_passes_through()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync, new RpcServerOptions { Interceptors = { new Changer(text => text) } });
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Interceptors = { new Changer(text => text) } });
        using var cancellation = new CancellationTokenSource();

        Task<string> call = client.DoAsync("", cancellation.Token);
        await held.Started.OrFail();
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        await held.TokenFired.OrFail();
    }

    [Fact]
    public async Task An_entry_that_is_null_is_refused_by_name()
    {
        RpcConnection connection = await ConnectAsync();

        Assert.Contains("Interceptors", Assert.Throws<ArgumentException>(() => connection.CreateClient<ITroublemaker>(new RpcClientOptions { Interceptors = { null! } })).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(() => ConnectAsync(new RpcConnectionOptions { ServerInterceptors = { null! } }));
    }

    private sealed class Changer(Func<string, string> change) : IRpcClientInterceptor, IRpcServerInterceptor
    {
        public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            call.Metadata["tenant"] = "acme";
            call.Timeout = TimeSpan.FromSeconds(200);
            call.Arguments = (TArguments)(object)ValueTuple.Create(change((string)call.GetArguments()[0]!));
            TResult result = await next(call);
            Assert.True(call.ReplyMetadata.ContainsKey("changed"));
            return result;
        }

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct
        {
            Assert.Same(RpcCallContext.Current, call.Context);
            call.Context.ReplyMetadata["changed"] = "yes";
            call.Arguments = (TArguments)(object)ValueTuple.Create(change((string)call.GetArguments()[0]!));
            return next(call);
        }
    }

    private sealed class Answerer(string to) : IRpcClientInterceptor, IRpcServerInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct => to.Equals(call.GetArguments()[0]) ? new((TResult)(object)$"{to}'s own") : next(call);

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct => to.Equals(call.GetArguments()[0]) ? new((TResult)(object)$"{to}'s own") : next(call);
    }

    private sealed class Thrower(string at) : IRpcClientInterceptor, IRpcServerInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct => at.Equals(call.GetArguments()[0]) ? throw new InvalidOperationException("thrown") : next(call);

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct => at.Equals(call.GetArguments()[0]) ? throw new InvalidOperationException("thrown") : next(call);
    }

    private sealed class Translator<TException>(Func<TException, Exception> translate) : IRpcClientInterceptor, IRpcServerInterceptor
        where TException : Exception
    {
        public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            try
            {
                return await next(call);
            }
            catch (TException e)
            {
                throw translate(e);
            }
        }

        public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
            where TArguments : struct
        {
            try
            {
                return await next(call);
            }
            catch (TException e)
            {
                throw translate(e);
            }
        }
    }

    private sealed class Repeater : IRpcClientInterceptor
    {
        public ConcurrentQueue<TimeSpan> Remaining { get; } = new();

        public async ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct
        {
            while (true)
            {
                try
                {
                    Remaining.Enqueue(call.Remaining);
                    return await next(call);
                }
                catch (RpcRemoteException)
                {
                    await Task.Delay(100, call.CancellationToken);
                }
            }
        }
    }
}

public sealed class InterceptorTestsInMemory(MemoryBroker broker) : InterceptorTests(broker), IClassFixture<MemoryBroker>;

public sealed class InterceptorTestsOnRabbitMq(SharedRabbit broker) : InterceptorTests(broker);
