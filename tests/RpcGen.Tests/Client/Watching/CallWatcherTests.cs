using System.Text;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Watching;
using RpcGen.Runtime;
using RpcGen.Tests.Compatibility;
using RpcGen.Tests.Server;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Client.Watching;

/// <summary>A client that watches, on a broker in memory, with simulated time.</summary>
public sealed class CallWatcherTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly string _name = $"watching-{Guid.NewGuid():N}";
    private readonly InMemoryBroker _broker;
    private readonly List<RpcConnection> _connections = [];

    public CallWatcherTests() => _broker = InMemoryBrokers.Hold(_name, _time);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        foreach (RpcConnection connection in _connections)
        {
            await PassUntilAsync(connection.DisposeAsync().AsTask());
        }

        InMemoryBrokers.Release(_broker);
    }

    [Fact]
    public async Task It_asks_again_before_the_instances_stop_and_finds_those_that_start_later()
    {
        await ServeAsync();
        await using RpcCallWatch watch = await WatchAsync();
        Assert.Single(watch.Instances);
        await ServeAsync();
        Assert.Single(watch.Instances);

        await TaskBounds.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return watch.Instances.Count == 2;
        });
        for (int i = 0; i < 10; i++)
        {
            await Task.Yield();
            _time.Advance(CallWatcher.Pause);
        }

        await TaskBounds.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(10));
            return watch.Instances.Count == 2;
        });
        await using IAsyncEnumerator<RpcCallEvent> events = watch.ReadAllAsync(Cancel).GetAsyncEnumerator(Cancel);
        Assert.Equal(21, await PassUntilAsync((await ConnectAsync()).CreateClient<IRecordedSmall>().TripleAsync(7, Cancel)));
        Assert.True(await PassUntilAsync(events.MoveNextAsync().AsTask()));
        Assert.Equal(("Triple", RpcCallOutcome.Answered), (events.Current.Method, events.Current.Outcome));
        Assert.Contains(watch.Instances, instance => instance.Instance.Id == events.Current.Service.Instance.Id);
    }

    [Fact]
    public async Task Without_an_instance_it_waits_for_the_first_one()
    {
        await using RpcCallWatch watch = await WatchAsync();
        Assert.Empty(watch.Instances);

        await ServeAsync();

        await TaskBounds.Until(() =>
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            return watch.Instances.Count == 1;
        });
    }

    [Fact]
    public async Task Events_that_nobody_reads_are_counted()
    {
        CallWatcher watcher = Create(out ulong id);
        const int Extra = 24;

        for (int i = 0; i < (CallWatcher.MaxWaiting / 1000) + 1; i++)
        {
            Tell(watcher, id, string.Join(',', Enumerable.Repeat("{}", 1000)));
        }

        Tell(watcher, id, string.Join(',', Enumerable.Repeat("{}", Extra)), omitted: 5);
        Assert.Equal((CallWatcher.MaxWaiting, 1000 + Extra + 5), (watcher.Events.Count, watcher.Omitted));
        await watcher.DisposeAsync();
    }

    [Fact]
    public async Task Messages_that_belong_to_no_question_are_ignored()
    {
        CallWatcher watcher = Create(out ulong id);

        Tell(watcher, id + 1, "{}");
        Tell(watcher, id, "{}", isUnreadable: true);
        Tell(watcher, id, "7");
        Tell(watcher, id, $"{{}}{new string(' ', 300_000)}");
        watcher.OnDelivered(Message(id, type: null, """{"queue":"other","instance":{"id":"1"}}"""));
        watcher.OnDelivered(Message(id, type: null, "{"));

        Assert.Equal((0, 0, 0), (watcher.Events.Count, watcher.Omitted, watcher.Instances.Count));
        await watcher.DisposeAsync();
    }

    private static CallWatcher Create(out ulong id)
    {
        var settings = new RpcGen.Client.SessionSettings("test broker", 1000, Batching: false);
        var environment = new RpcEnvironment(new FakeTimeProvider(), new CountingRandom(), new ListLog());
        var connections = new RpcGen.Connections.Supervisor<ITransportConnection>("none", _ => throw new NotSupportedException(), environment);
        id = 1; // the first of the counted numbers
        return new CallWatcher(new RpcGen.Client.Finding.InstanceAsker(connections, settings, environment), "q", new RpcWatchFilter(), settings, environment.Time);
    }

    private static void Tell(CallWatcher watcher, ulong id, string events, long omitted = 0, bool isUnreadable = false) =>
        watcher.OnDelivered(Message(id, "events", $$"""{"instance":"i","omitted":{{omitted}},"events":[{{events}}]}""") with { IsUnreadable = isUnreadable });

    private static IncomingMessage Message(ulong id, string? type, string body) =>
        new() { CorrelationId = new CorrelationId(id).ToString(), Type = type, Body = Encoding.UTF8.GetBytes(body) };

    private async Task<RpcConnection> ConnectAsync()
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(new InMemoryTransport(_name, _time), new RpcConnectionOptions { TimeProvider = _time }, SystemRandomSource.Instance, Cancel).WaitAsync(Bounds.Soon);
        _connections.Add(connection);
        return connection;
    }

    private async Task ServeAsync() => await (await ConnectAsync()).ServeAsync<IRecordedSmall>(new Small(), cancellationToken: Cancel).Soon();

    private async Task<RpcCallWatch> WatchAsync() => await PassUntilAsync((await ConnectAsync()).WatchAsync("recorded_small", cancellationToken: Cancel));

    private async Task PassUntilAsync(Task task)
    {
        await TaskBounds.Until(() =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(50));
            return task.IsCompleted;
        });
        await task;
    }

    private async Task<T> PassUntilAsync<T>(Task<T> task)
    {
        await PassUntilAsync((Task)task);
        return await task;
    }

    private sealed class Small : IRecordedSmall
    {
        public Task<int> TripleAsync(int number, CancellationToken cancellationToken) => Task.FromResult(3 * number);
    }
}
