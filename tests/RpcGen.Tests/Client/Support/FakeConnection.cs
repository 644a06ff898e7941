using System.Collections.Concurrent;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Support;

/// <summary>A connection that does what a test tells it to.</summary>
internal sealed class FakeConnection : ITransportConnection
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public event Action? BlockedChanged;

    public List<FakeChannel> Channels { get; } = [];

    public List<FakePublisher> Publishers { get; } = [];

    /// <summary>The channels with confirms. What is published on them is recorded with the channel for calls.</summary>
    public List<FakeConfirmedChannel> Confirmed { get; } = [];

    /// <summary>Whether each message is confirmed at once.</summary>
    public bool ConfirmsAtOnce { get; set; } = true;

    /// <summary>The state of queues by name; a missing queue is refused with 404.</summary>
    public Dictionary<string, QueueState> Queues { get; } = [];

    /// <summary>The broker's text if a queue is missing.</summary>
    public string MissingReason { get; set; } = "no queue";

    /// <summary>The exchanges besides the default exchange.</summary>
    public HashSet<string> Exchanges { get; } = [];

    /// <summary>The queues that are bound to exchanges by their names.</summary>
    public List<(string Exchange, string Queue)> Bindings { get; } = [];

    /// <summary>Fails the declaration of exchanges.</summary>
    public Exception? DeclareExchangeFailure { get; set; }

    /// <summary>What a probe of an exchange finds; null, or a task without an exception, for an exchange that can be used.</summary>
    public Func<string, Task>? OnProbe { get; set; }

    /// <summary>The exchanges that were probed.</summary>
    public ConcurrentQueue<string> Probes { get; } = new();

    /// <summary>The publishers that probed them.</summary>
    public ConcurrentQueue<FakePublisher> Probers { get; } = new();

    public int Inspections { get; set; }

    /// <summary>Fails the opening of channels and publishers.</summary>
    public Exception? OpenFailure { get; set; }

    /// <summary>How many publishers could not be opened.</summary>
    public int FailedOpenings { get; private set; }

    /// <summary>Fails the declaration of callback queues.</summary>
    public Exception? DeclareFailure { get; set; }

    /// <summary>Inspections wait for this.</summary>
    public Task InspectionGate { get; set; } = Task.CompletedTask;

    /// <summary>What a new channel does with each message; null to accept it.</summary>
    public Func<OutgoingMessage, ValueTask>? OnPublish { get; set; }

    /// <summary>What a new publisher does with each message; null to confirm it.</summary>
    public Func<OutgoingMessage, CancellationToken, Task<PublishOutcome>>? OnConfirm { get; set; }

    public BrokerHost? Host { get; set; }

    public ILivenessProbe? Probe { get; set; }

    public int ChannelMax { get; init; } = int.MaxValue;

    public string? UserName => "ada";

    public string? BlockedReason { get; private set; }

    public bool HasBlockedListeners => BlockedChanged is not null;

    public Task<TransportClosure> Closed => _closed.Task;

    /// <summary>The channel with the callback queue that was opened last.</summary>
    public FakeChannel Calls
    {
        get
        {
            lock (Channels)
            {
                return Channels.Last(channel => channel.Consumer is not null);
            }
        }
    }

    public void Block(string? reason)
    {
        BlockedReason = reason;
        BlockedChanged?.Invoke();
    }

    public void Close(string reason)
    {
        foreach (FakeChannel channel in Channels.ToArray())
        {
            channel.Close(reason);
        }

        foreach (FakeConfirmedChannel confirmed in Confirmed.ToArray())
        {
            confirmed.Close(new TransportClosure(reason));
        }

        foreach (FakePublisher publisher in Publishers.ToArray())
        {
            publisher.Close(reason);
        }

        _closed.TrySetResult(new TransportClosure(reason));
    }

    public Task<ITransportChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        if (OpenFailure is not null)
        {
            return Task.FromException<ITransportChannel>(OpenFailure);
        }

        var channel = new FakeChannel(this);
        lock (Channels)
        {
            Channels.Add(channel);
        }

        return Task.FromResult<ITransportChannel>(channel);
    }

    public Task<IConfirmedChannel> OpenConfirmedChannelAsync(CancellationToken cancellationToken)
    {
        if (OpenFailure is not null)
        {
            return Task.FromException<IConfirmedChannel>(OpenFailure);
        }

        var confirmed = new FakeConfirmedChannel(this);
        lock (Channels)
        {
            Confirmed.Add(confirmed);
        }

        return Task.FromResult<IConfirmedChannel>(confirmed);
    }

    public Task<ITransportPublisher> OpenPublisherAsync(CancellationToken cancellationToken)
    {
        if (OpenFailure is { } failure)
        {
            FailedOpenings++;
            return Task.FromException<ITransportPublisher>(failure);
        }

        var publisher = new FakePublisher(this);
        lock (Publishers)
        {
            Publishers.Add(publisher);
        }

        return Task.FromResult<ITransportPublisher>(publisher);
    }

    /// <summary>Answers a probe. Its publisher is not listed among those of one-way calls.</summary>
    public async Task<PublishOutcome> ProbeAsync(FakePublisher publisher, string exchange)
    {
        lock (Publishers)
        {
            Publishers.Remove(publisher);
        }

        Probers.Enqueue(publisher);
        Probes.Enqueue(exchange);
        await (OnProbe?.Invoke(exchange) ?? Task.CompletedTask);
        return new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE");
    }

    public ValueTask DisposeAsync()
    {
        Close("disposed");
        return default;
    }
}
