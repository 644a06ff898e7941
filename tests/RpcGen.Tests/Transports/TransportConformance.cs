using System.Text;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

/// <summary>
/// What every transport must do. A transport's test class derives from it, in the assembly that compiles these files.
/// Nothing here passes or fails by the clock: it waits for what must come about, within a generous bound.
/// </summary>
public abstract partial class TransportConformance : IAsyncLifetime
{
    private readonly List<ITransportConnection> _connections = [];
    private readonly List<string> _queues = [];

    /// <summary>A way to the broker, the same throughout a test.</summary>
    private protected abstract ITransport Transport { get; }

    /// <summary>Whether the broker closes the channel for a message above 16 MiB, as RabbitMQ does since 4.0.</summary>
    private protected virtual bool RefusesHugeMessages => true;

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Deletes a queue from outside, even if it is in use. Does nothing if it is missing.</summary>
    private protected abstract Task DeleteQueueAsync(string queue);

    public virtual ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public virtual async ValueTask DisposeAsync()
    {
        foreach (ITransportConnection connection in _connections)
        {
            await connection.DisposeAsync();
        }

        foreach (string queue in _queues)
        {
            await DeleteQueueAsync(queue);
        }

        GC.SuppressFinalize(this);
    }

    private protected static string NewName() => $"rpcgen.test.{Guid.NewGuid():N}";

    /// <summary>Opens a connection, to be closed with the test.</summary>
    private protected async Task<ITransportConnection> ConnectAsync()
    {
        ITransportConnection connection = await Transport.ConnectAsync("conformance", Cancel);
        _connections.Add(connection);
        return connection;
    }

    /// <summary>The user of the last connection.</summary>
    private protected string? UserName => _connections[^1].UserName;

    /// <summary>Opens a channel on a connection of its own.</summary>
    private protected async Task<ITransportChannel> OpenChannelAsync() => await (await ConnectAsync()).OpenChannelAsync(Cancel);

    /// <summary>Declares a queue of a new name, to be deleted with the test.</summary>
    private protected async Task<string> DeclareQueueAsync(ITransportChannel channel, QueueKind kind = QueueKind.Classic)
    {
        string queue = NewName();
        if (kind != QueueKind.Exclusive)
        {
            _queues.Add(queue);
        }

        await channel.DeclareQueueAsync(new QueueDeclaration(queue, kind), Cancel);
        return queue;
    }

    private protected static async Task PublishAsync(ITransportChannel channel, string queue, params string[] texts)
    {
        foreach (string text in texts)
        {
            await channel.PublishAsync(ToQueue(queue, text), Cancel);
        }
    }

    private protected static OutgoingMessage ToQueue(string queue, string text = "", bool isMandatory = false) => new()
    {
        Exchange = "",
        RoutingKey = queue,
        IsMandatory = isMandatory,
        Body = Encoding.UTF8.GetBytes(text),
    };

    /// <summary>Waits until a queue looks as it must.</summary>
    private protected static Task UntilAsync(ITransportChannel channel, string queue, uint ready, uint consumers = 0) =>
        UntilAsync(async () => await channel.InspectQueueAsync(queue, Cancel) == new QueueState(ready, consumers));

    /// <summary>Waits until a queue is gone.</summary>
    private protected static Task UntilGoneAsync(ITransportConnection connection, string queue) => UntilAsync(async () =>
    {
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        try
        {
            await channel.InspectQueueAsync(queue, Cancel);
            return false;
        }
        catch (TransportRefusedException refused) when (refused.Code == AmqpReplyCodes.NotFound)
        {
            return true;
        }
        catch (TransportRefusedException refused) when (refused.Code == AmqpReplyCodes.ResourceLocked)
        {
            return false;
        }
    });

    private protected static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var bound = new CancellationTokenSource(Bounds.Soon);
        while (!await holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(5), bound.Token);
        }
    }

    private protected static async Task<TransportClosure> ClosureOfAsync(IClosable closable) => await closable.Closed.WaitAsync(Bounds.Soon);

    private protected static string[] Texts(IEnumerable<Delivery> deliveries) => [.. deliveries.Select(delivery => delivery.Text)];
}
