using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>Hosts stop without losing calls.</summary>
public abstract class StopTests(ITestBroker broker) : HostingTest(broker)
{
    [Fact]
    public async Task What_runs_may_end()
    {
        var running = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        IHost server = await StartHostAsync(services => AddTroublemaker(services, async (text, token) =>
        {
            running.SetResult();
            await release.Task.WaitAsync(token);
            return text;
        }));
        Task<string> call = Client(await StartHostAsync(AddClient)).DoAsync("x", Cancel);
        await running.Task.OrFail();

        Task stopping = server.StopAsync(Cancel);
        await Wait.UntilAsync(async () => (await QueueStateAsync()).Consumers == 0, "the host takes no more");
        Assert.False(stopping.IsCompleted);
        release.SetResult();

        Assert.Equal("x", await call.OrFail());
        await stopping.OrFail();
    }

    [Fact]
    public async Task Calls_that_exceed_the_ShutdownTimeout_go_to_another_host()
    {
        var running = new TaskCompletionSource();
        IHost impatient = await StartHostAsync(services =>
        {
            services.Configure<HostOptions>(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
            AddTroublemaker(services, async (text, token) =>
            {
                running.SetResult();
                await Task.Delay(Timeout.Infinite, token);
                return text;
            }, gracePeriod: TimeSpan.FromMinutes(10));
        });
        Task<string> call = Client(await StartHostAsync(AddClient)).DoAsync("x", Cancel);
        await running.Task.OrFail();

        await impatient.StopAsync(Cancel).OrFail();
        await StartHostAsync(services => AddTroublemaker(services, (text, _) => Task.FromResult($"{text}, redelivered: {RpcCallContext.Current!.IsRedelivered}")));

        Assert.Equal("x, redelivered: True", await call.OrFail());
    }

    [Fact]
    public async Task Under_load_hosts_that_start_and_stop_lose_no_call()
    {
        await StartHostAsync(AddSlow);
        using var end = new CancellationTokenSource();
        Task<int>[] callers = StartCallers(Client(await StartHostAsync(AddClient)), end.Token);

        for (int i = 0; i < 8; i++)
        {
            IHost host = await StartHostAsync(AddSlow);
            await Task.Delay(20, Cancel);
            await host.StopAsync(Cancel).OrFail();
            await ((IAsyncDisposable)host).DisposeAsync().AsTask().OrFail();
        }

        await end.CancelAsync();
        Assert.True((await Task.WhenAll(callers).OrFail()).Sum() > 0);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task The_calls_of_the_last_host_wait_for_the_next_one()
    {
        IHost only = await StartHostAsync(AddSlow);
        using var end = new CancellationTokenSource();
        Task<int>[] callers = StartCallers(Client(await StartHostAsync(AddClient)), end.Token);
        await Task.Delay(50, Cancel);

        await only.StopAsync(Cancel).OrFail();
        await StartHostAsync(AddSlow);

        await end.CancelAsync();
        await Task.WhenAll(callers).OrFail();
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_host_that_calls_and_stops_gives_every_call_an_outcome()
    {
        await StartHostAsync(AddSlow);
        IHost caller = await StartHostAsync(AddClient);
        ITroublemaker client = Client(caller);
        var outcomes = new ConcurrentBag<string>();
        Task[] callers = [.. Enumerable.Range(0, 16).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                Exception? e = await Record.ExceptionAsync(() => client.DoAsync("x", Cancel));
                outcomes.Add(e?.GetType().Name ?? "answered");
                if (e is not null)
                {
                    return;
                }
            }
        }))];
        await Wait.UntilAsync(() => outcomes.Count > 100, "calls are made");

        await caller.StopAsync(Cancel).OrFail();
        int answered = outcomes.Count;
        await Wait.UntilAsync(() => outcomes.Count > answered + 16, "calls are made after the host has stopped"); // by services that stop later
        await ((IAsyncDisposable)caller).DisposeAsync();

        await Task.WhenAll(callers).OrFail();
        Assert.All(outcomes, outcome => Assert.Contains(outcome, (string[])["answered", nameof(RpcConnectionException), nameof(ObjectDisposedException)]));
    }

    private Task<int>[] StartCallers(ITroublemaker client, CancellationToken end) => [.. Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
    {
        int calls = 0;
        for (; !end.IsCancellationRequested; calls++)
        {
            Assert.Equal($"{caller}.{calls}", await client.DoAsync($"{caller}.{calls}", Cancel));
        }

        return calls;
    }))];

    private void AddSlow(IServiceCollection services) => AddTroublemaker(services, async (text, token) =>
    {
        await Task.Delay(1, token);
        return text;
    });
}

public sealed class StopTestsInMemory(MemoryBroker broker) : StopTests(broker), IClassFixture<MemoryBroker>;

public sealed class StopTestsOnRabbitMq(SharedRabbit broker) : StopTests(broker);
