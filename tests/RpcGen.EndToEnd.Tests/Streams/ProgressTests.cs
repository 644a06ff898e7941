using Microsoft.Extensions.Time.Testing;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>Progress that handlers report.</summary>
public abstract class ProgressTests(ITestBroker broker) : ProgressTest(broker)
{
    [Fact]
    public async Task Values_arrive_in_order_and_before_the_result()
    {
        await ServeAsync((name, progress, _) =>
        {
            Array.ForEach([0, 1, 2], number => progress!.Report(Step(number)));
            return Task.FromResult(name);
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();

        Assert.Equal("x", await client.RunAsync("x", seen, Cancel).OrFail());

        Assert.Equal([Step(0), Step(1), Step(2)], seen.Values);
    }

    [Fact]
    public async Task A_value_arrives_while_the_handler_runs()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, progress, token) =>
        {
            progress!.Report(Step(7));
            await go.Task.WaitAsync(token);
            return name;
        });
        IJobs client = await CreateClientAsync();
        var first = new TaskCompletionSource<Step>(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<string> running = client.RunAsync("x", new Collector<Step>(first.SetResult), Cancel);

        Assert.Equal(Step(7), await first.Task.OrFail());
        Assert.False(running.IsCompleted);
        go.SetResult();
        Assert.Equal("x", await running.OrFail());
    }

    [Fact]
    public async Task A_slow_consumer_gets_recent_values_and_the_last_one()
    {
        const int Count = 20_000;
        var reported = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync((name, progress, _) =>
        {
            for (int i = 0; i < Count; i++)
            {
                progress!.Report(Step(i)); // never waits
            }

            reported.SetResult();
            return Task.FromResult(name);
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>(_ => reported.Task.Wait(Wait.Bound, Cancel));

        await client.RunAsync("x", seen, Cancel).OrFail();

        int[] numbers = [.. seen.Values.Select(step => step.Number)];
        Assert.Equal(numbers.Order(), numbers);
        Assert.Equal(numbers.Distinct().Count(), numbers.Length);
        Assert.Equal(Count - 1, numbers[^1]);
        Assert.InRange(numbers.Length, 2, 1000); // the window, and what was granted while it was read
    }

    [Fact]
    public async Task Many_values_of_a_fast_handler_come_with_credit_that_is_renewed()
    {
        const int Count = 300;
        var taken = new SemaphoreSlim(0);
        await ServeAsync(async (name, progress, token) =>
        {
            for (int i = 0; i < Count; i++)
            {
                progress!.Report(Step(i, 200));
                await taken.WaitAsync(token); // nothing is replaced, although all of them are far more than a window
            }

            return name;
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>(_ => taken.Release());

        await client.RunAsync("x", seen, Cancel).OrFail();

        Assert.Equal(Enumerable.Range(0, Count), seen.Values.Select(step => step.Number));
    }

    [Fact]
    public async Task Nothing_is_reported_after_the_result()
    {
        IProgress<Step>? kept = null;
        await ServeAsync((name, progress, _) =>
        {
            kept ??= progress;
            progress?.Report(Step(1));
            return Task.FromResult(name);
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();
        await client.RunAsync("x", seen, Cancel).OrFail();

        kept!.Report(Step(2));
        await client.RunAsync("y", null, Cancel).OrFail();
        await client.RunAsync("z", new Collector<Step>(), Cancel).OrFail(); // behind it on the same connection

        Assert.Equal([Step(1)], seen.Values);
    }

    [Fact]
    public async Task A_caller_without_progress_makes_a_plain_call()
    {
        await ServeAsync((_, progress, _) => Task.FromResult(progress is null ? "none" : "some"));
        RpcConnection connection = await ConnectAsync();
        IJobs client = connection.CreateClient<IJobs>(ClientOptions);

        Assert.Equal("none", await client.RunAsync("x", cancellationToken: Cancel).OrFail());
        string[] many = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.RunAsync("x", cancellationToken: Cancel))).OrFail(); // they share messages

        Assert.All(many, answer => Assert.Equal("none", answer));
        Assert.Null(connection.Streams.Current);
        var refused = await Assert.ThrowsAsync<RpcValidationException>(() => client.RunObservedAsync(null!, Cancel).OrFail());
        Assert.Contains("progress", refused.Errors.Keys);
    }

    [Fact]
    public async Task A_method_without_a_result_reports()
    {
        await ServeAsync((_, progress, _) =>
        {
            progress!.Report(Step(1));
            return Task.FromResult("");
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();

        await client.RunObservedAsync(seen, Cancel).OrFail();

        Assert.Equal([Step(1)], seen.Values);
    }

    [Fact]
    public async Task Streams_and_progress_of_several_kinds_go_with_one_call_also_to_the_own_process()
    {
        RpcConnection connection = await ConnectAsync();
        await connection.ServeAsync<IJobs>(new Jobs((name, _, _) => Task.FromResult(name)), ServerOptions, Cancel);
        IJobs client = connection.CreateClient<IJobs>(ClientOptions);
        var stored = new Collector<int>();
        var notes = new Collector<string>();
        Parcel[] parcels = [.. Enumerable.Range(0, 5).Select(i => new Parcel(i, $"p{i}"))];

        Assert.Equal(5, await client.ImportAsync(parcels.ToAsyncEnumerable(), stored, notes, Cancel).OrFail());

        Assert.Equal([1, 2, 3, 4, 5], stored.Values);
        Assert.Equal(["p0", "p1", "p2", "p3", "p4"], notes.Values);
        Assert.Equal(5, await client.ImportAsync(parcels.ToAsyncEnumerable(), stored, null, Cancel).OrFail()); // a call without a progress object drops reports
        Assert.Equal([1, 2, 3, 4, 5, 1, 2, 3, 4, 5], stored.Values);
    }

    [Fact]
    public async Task A_running_call_holds_neither_a_place_nor_its_request()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(
            async (name, progress, token) =>
            {
                if (progress is not null)
                {
                    progress.Report(Step(1));
                    await go.Task.WaitAsync(token);
                }

                return name;
            },
            new RpcServerOptions { MaxConcurrentCalls = 1 });
        IJobs client = await CreateClientAsync();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string> running = client.RunAsync("x", new Collector<Step>(_ => first.SetResult()), Cancel);
        await first.Task.OrFail();

        Assert.Equal("y", await client.RunAsync("y", null, Cancel).OrFail());
        await UntilQueueIsEmptyAsync();
        go.SetResult();
        await running.OrFail();
    }

    [Fact]
    public async Task Progress_renews_the_time_limit()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var steps = System.Threading.Channels.Channel.CreateUnbounded<int>();
        await ServeAsync(async (name, progress, token) =>
        {
            await foreach (int step in steps.Reader.ReadAllAsync(token))
            {
                progress!.Report(Step(step));
            }

            return name;
        });
        IJobs client = (await CreateClientAsync(new RpcConnectionOptions { TimeProvider = clock, PeerHeartbeat = TimeSpan.FromMinutes(1) })).With(timeout: TimeSpan.FromSeconds(10));
        var seen = new Collector<Step>();
        Task<string> running = client.RunAsync("x", seen, Cancel);
        for (int i = 1; i <= 3; i++)
        {
            Assert.True(steps.Writer.TryWrite(i));
            await Wait.UntilAsync(() => seen.Values.Length == i, $"step {i} is here");
            clock.Advance(TimeSpan.FromSeconds(9)); // 27 s in all
        }

        Assert.False(running.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));

        var late = await Assert.ThrowsAsync<RpcTimeoutException>(() => running.OrFail());
        Assert.Contains("after its last progress", late.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_description_marks_progress()
    {
        await ServeAsync((name, _, _) => Task.FromResult(name));
        RpcConnection connection = await ConnectAsync();

        RpcServiceDescription description = await connection.DescribeAsync(Queue, Cancel).OrFail();

        var arguments = System.Text.Json.Nodes.JsonNode.Parse(description.Methods.Single(method => method.Name == "Run").Arguments.ToString())!;
        Assert.True((bool)arguments["properties"]!["progress"]!["progress"]!);
        Assert.Contains("Step", arguments["properties"]!["progress"]!["items"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("""["name"]""", arguments["required"]!.ToJsonString());
    }
}

public sealed class ProgressTestsInMemory(MemoryBroker broker) : ProgressTests(broker), IClassFixture<MemoryBroker>;

public sealed class ProgressTestsOnRabbitMq(SharedRabbit broker) : ProgressTests(broker);
