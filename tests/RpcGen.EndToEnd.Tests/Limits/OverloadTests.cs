using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>More calls than a server can run in time, and more than a client lets wait.</summary>
public abstract class OverloadTests(ITestBroker broker) : FailureTest(broker)
{
    [Fact]
    public async Task Calls_that_waited_too_long_are_refused_before_their_deadline()
    {
        await ServeAsync(ActAsync, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        ITroublemaker client = (await CreateClientAsync(new RpcClientOptions { Batching = false })).With(timeout: TimeSpan.FromSeconds(8));
        await client.DoAsync("first", Cancel); // meets a free place

        Task<string>[] calls = [.. Enumerable.Range(0, 400).Select(n => client.DoAsync($"{n}", Cancel))];
        await Task.WhenAll(calls.Select(call => call.ContinueWith(_ => { }, TaskScheduler.Default))).OrFail();

        RpcUnavailableException[] refused = [.. calls.Select(call => call.Exception?.InnerException).OfType<RpcUnavailableException>()];
        Assert.NotEmpty(refused);
        Assert.All(refused, refusal => Assert.Equal((RpcUnavailableReason.Overloaded, RpcExecution.NotStarted), (refusal.Reason, refusal.Execution)));
        Assert.Contains(refused, refusal => refusal.RetryAfter > TimeSpan.Zero);
        Assert.Contains(calls, call => call.IsCompletedSuccessfully);
        Assert.InRange(Log.Count(60), 1, 3);
    }

    [Fact]
    public async Task More_calls_than_MaxPendingCalls_fail_at_once()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { MaxPendingCalls = 2 });
        Task<string>[] pending = [client.DoAsync("a", Cancel), client.DoAsync("b", Cancel)];

        RpcUnavailableException refused = await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("c", Cancel));

        Assert.Equal(RpcUnavailableReason.TooManyCalls, refused.Reason);
        held.Release();
        await Task.WhenAll(pending).OrFail();
        Assert.Equal("released", await client.DoAsync("d", Cancel).OrFail());
    }

    [Fact]
    public async Task Handlers_that_ignore_their_token_are_named()
    {
        var held = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var named = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        Log.Wrote = (id, text) =>
        {
            if (id == 59)
            {
                named.TrySetResult(text);
            }
        };
        await ServeAsync((_, _) => held.Task, new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 1 });
        ITroublemaker client = (await CreateClientAsync()).With(timeout: TimeSpan.FromMilliseconds(300));

        await Assert.ThrowsAsync<RpcTimeoutException>(() => client.DoAsync("x", Cancel));

        Assert.Contains("1 of 1 places", await named.Task.OrFail(), StringComparison.Ordinal);
        held.SetResult("late");
    }

    [Fact]
    public async Task A_call_that_found_no_place_in_time_is_told_who_holds_them()
    {
        var (first, second) = (new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously));
        await ServeAsync(
            (text, _) => text == "first" ? first.Task : second.Task, // both ignore their tokens
            new RpcServerOptions(ServerOptions) { MaxConcurrentCalls = 2, MaxTimeout = TimeSpan.FromMilliseconds(300) });
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        await peer.SendAsync(Queue, """[["1","Do",60000,{"text":"first"}],["2","Do",60000,{"text":"second"}],["3","Do",60000,{"text":"third"}]]""", type: "$batch");
        await Wait.UntilAsync(() => Log.Lines.Any(line => line.StartsWith("[59] 2 of 2 places", StringComparison.Ordinal)), "both places are held, and the third call's time is over");

        second.SetResult("late");

        string replies = "";
        while (!replies.Contains("[\"3\"", StringComparison.Ordinal))
        {
            replies += (await peer.NextAsync()).Body;
        }

        Assert.Contains("urn:rpcgen:fault:timeout", replies, StringComparison.Ordinal);
        Assert.Contains("1 of 2 places are held by calls past their deadline", replies, StringComparison.Ordinal);
        first.SetResult("late");
    }

    [Fact]
    public async Task A_client_sends_few_of_its_calls_while_servers_refuse_them()
    {
        const int calls = 200;
        int sent = 0;
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync(new RpcClientOptions { Batching = false });

        for (int i = 0; i < calls; i++)
        {
            Task<string> call = client.DoAsync("x", Cancel);
            if (!call.IsCompleted)
            {
                sent++;
                await RefuseAsync(server, await server.NextAsync());
            }

            RpcUnavailableException refused = await Assert.ThrowsAsync<RpcUnavailableException>(() => call.OrFail());
            Assert.Equal((RpcUnavailableReason.Overloaded, RpcExecution.NotStarted), (refused.Reason, refused.Execution));
        }

        Assert.InRange(sent, 1, calls / 2);
        Assert.Equal(0, server.ReceivedCount);
    }

    private static ValueTask RefuseAsync(RawPeer server, Received request) => server.Channel.PublishAsync(
        new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = request.ReplyTo!,
            CorrelationId = new CorrelationId(request.CorrelationId),
            ContentType = "application/problem+json",
            Type = "fault",
            Body = """{"type":"urn:rpcgen:fault:overloaded","title":"no","detail":"no","retryAfter":1}"""u8.ToArray(),
        },
        Cancel);

    private static async Task<string> ActAsync(string text, CancellationToken cancellationToken)
    {
        await Task.Delay(50, cancellationToken); // the work: short, because the server learns how long requests wait from several of them
        return text;
    }
}

public sealed class OverloadTestsInMemory(MemoryBroker broker) : OverloadTests(broker), IClassFixture<MemoryBroker>;

public sealed class OverloadTestsOnRabbitMq(SharedRabbit broker) : OverloadTests(broker);
