using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>How calls with progress end otherwise than with a result.</summary>
public abstract class ProgressEndTests(IBreakableBroker broker) : ProgressTest(broker)
{
    [Fact]
    public async Task A_fault_arrives_after_the_values_before_it()
    {
        await ServeAsync((_, progress, _) =>
        {
            progress!.Report(Step(1));
            throw new FeedBrokenException("broken", 3);
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();

        var broken = await Assert.ThrowsAsync<FeedBrokenException>(() => client.RunAsync("x", seen, Cancel).OrFail());

        Assert.Equal(3, broken.Number);
        Assert.Equal([Step(1)], seen.Values);
    }

    [Fact]
    public async Task An_exception_of_what_takes_progress_ends_the_call_on_both_sides()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync((name, progress, token) => ReportAndWaitAsync(name, progress!, fired, token));
        IJobs client = await CreateClientAsync();

        var thrown = await Assert.ThrowsAsync<InvalidDataException>(() => client.RunAsync("x", new Collector<Step>(_ => throw new InvalidDataException("mine")), Cancel).OrFail());

        Assert.Equal("mine", thrown.Message);
        await fired.Task.OrFail();
    }

    [Fact]
    public async Task An_exception_that_comes_after_the_result_fails_the_call_too()
    {
        await ServeAsync((name, progress, _) =>
        {
            progress!.Report(Step(1));
            return Task.FromResult(name);
        });
        RpcConnection connection = await ConnectAsync();
        IJobs client = connection.CreateClient<IJobs>(ClientOptions);
        var seen = new Collector<Step>(_ =>
        {
            SpinWait.SpinUntil(() => connection.Streams.Current is { Calls: 0 }, Wait.Bound); // the result is here
            throw new InvalidDataException("late");
        });

        await Assert.ThrowsAsync<InvalidDataException>(() => client.RunAsync("x", seen, Cancel).OrFail());
    }

    [Fact]
    public async Task A_cancelled_call_reports_nothing_more_and_fires_the_handlers_token()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync((name, progress, token) => ReportAndWaitAsync(name, progress!, fired, token));
        IJobs client = await CreateClientAsync();
        using var caller = new CancellationTokenSource();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var leave = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var seen = new Collector<Step>(_ =>
        {
            entered.TrySetResult();
            leave.Task.Wait(Wait.Bound, Cancel);
        });
        Task<string> running = client.RunAsync("x", seen, caller.Token);
        await entered.Task.OrFail();

        await caller.CancelAsync();
        await fired.Task.OrFail();
        Assert.False(running.IsCompleted); // a value is being passed on
        leave.SetResult();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running.OrFail());
        Assert.Equal(caller.Token, cancelled.CancellationToken);
        Assert.Equal([Step(1)], seen.Values);
    }

    [Fact]
    public async Task A_value_that_cannot_be_sent_fails_the_handler()
    {
        await ServeAsync(
            (name, progress, _) =>
            {
                progress!.Report(Step(1, name.Length == 1 ? 100_000 : 0));
                return Task.FromResult(name);
            },
            connection: new RpcConnectionOptions { MaxMessageBytes = 50_000 });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();

        var tooLarge = await Assert.ThrowsAsync<RpcProtocolException>(() => client.RunAsync("x", seen, Cancel).OrFail());

        Assert.Contains("more than the limit of 50000", tooLarge.Message, StringComparison.Ordinal);
        Assert.Empty(seen.Values);
        Assert.Equal("xy", await client.RunAsync("xy", seen, Cancel).OrFail());
    }

    [Fact]
    public async Task A_lost_connection_fails_the_call_and_fires_the_handlers_token()
    {
        var fired = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync((name, progress, token) => ReportAndWaitAsync(name, progress!, fired, token));
        IJobs client = await CreateClientAsync();
        var first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<string> running = client.RunIdempotentlyAsync("x", new Collector<Step>(_ => first.TrySetResult()), Cancel);
        await first.Task.OrFail();

        await broker.CloseConnectionsAsync();

        var lost = await Assert.ThrowsAsync<RpcConnectionException>(() => running.OrFail()); // not sent again: the caller has a value
        Assert.Equal(RpcExecution.Started, lost.Execution);
        await fired.Task.OrFail();
    }

    [Fact]
    public async Task An_idempotent_call_without_a_value_yet_is_sent_again()
    {
        int runs = 0;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync(async (name, progress, token) =>
        {
            if (Interlocked.Increment(ref runs) == 1)
            {
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            }

            progress!.Report(Step(2));
            return name;
        });
        IJobs client = await CreateClientAsync();
        var seen = new Collector<Step>();
        Task<string> running = client.RunIdempotentlyAsync("x", seen, Cancel);
        await started.Task.OrFail();

        await broker.CloseConnectionsAsync();

        Assert.Equal("x", await running.OrFail());
        Assert.Equal([Step(2)], seen.Values);
        Assert.True(runs >= 2, $"{runs} runs");
    }

    [Fact]
    public async Task Calls_that_end_at_any_point_leave_nothing_behind()
    {
        const int Calls = 300;
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<IJobs>(new Jobs(WorkAsync), ServerOptions, Cancel);
        RpcConnection calling = await ConnectAsync();
        IJobs client = calling.CreateClient<IJobs>(ClientOptions);
        int[] late = new int[Calls];

        await Parallel.ForEachAsync(Enumerable.Range(0, Calls), new ParallelOptions { MaxDegreeOfParallelism = 20, CancellationToken = Cancel }, async (i, _) =>
        {
            var random = new Random(i);
            using var caller = new CancellationTokenSource();
            int left = random.Next(60);
            bool isOver = false;
            var progress = new Collector<Step>(_ =>
            {
                late[i] += Volatile.Read(ref isOver) ? 1 : 0;
                if (left-- == 0)
                {
                    Task cancelling = random.Next(3) == 0 ? throw new InvalidDataException("broken") : caller.CancelAsync();
                    Assert.NotNull(cancelling);
                }
            });
            try
            {
                await client.RunAsync(random.Next(60).ToString(CultureInfo.InvariantCulture), progress, caller.Token);
            }
            catch (Exception e) when (e is OperationCanceledException or InvalidDataException or FeedBrokenException)
            {
            }

            Volatile.Write(ref isOver, true);
        }).OrFail();

        await Wait.UntilAsync(
            () => calling.Streams.Current is { Calls: 0 } && serving.Streams.Current is { Calls: 0 } && calling.Streams.Budget.Used == 0,
            $"nothing is left: {calling.Streams.Current?.Calls} and {serving.Streams.Current?.Calls} calls, {calling.Streams.Budget.Used} bytes");
        Assert.All(late, count => Assert.Equal(0, count));
    }

    private static async Task<string> WorkAsync(string name, IProgress<Step>? progress, CancellationToken token)
    {
        int count = int.Parse(name, CultureInfo.InvariantCulture);
        for (int i = 0; i < count; i++)
        {
            progress!.Report(Step(i, 300));
            await Task.Yield();
            token.ThrowIfCancellationRequested();
        }

        return count % 7 == 0 ? throw new FeedBrokenException("broken", count) : name;
    }

    private static async Task<string> ReportAndWaitAsync(string name, IProgress<Step> progress, TaskCompletionSource fired, CancellationToken token)
    {
        token.Register(() => fired.TrySetResult());
        progress.Report(Step(1));
        await Task.Delay(Timeout.Infinite, token);
        return name;
    }
}

public sealed class ProgressEndTestsInMemory(MemoryBroker broker) : ProgressEndTests(broker), IClassFixture<MemoryBroker>;

public sealed class ProgressEndTestsOnRabbitMq(PrivateRabbit broker) : ProgressEndTests(broker), IClassFixture<PrivateRabbit>;
