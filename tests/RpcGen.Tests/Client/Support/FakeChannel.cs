using System.Text;
using RpcGen.Connections;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Support;

/// <summary>A channel that records what is published and does what a test tells it to.</summary>
internal sealed class FakeChannel(FakeConnection connection) : ITransportChannel
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<Published> _published = [];

    public event Action<ReturnedMessage>? Returned;

    public Func<OutgoingMessage, ValueTask>? OnPublish { get; set; } = connection.OnPublish;

    public ITransportConsumer? Consumer { get; private set; }

    public ushort Prefetch { get; private set; }

    public QueueDeclaration? Declared { get; private set; }

    public bool IsDisposed { get; private set; }

    public Task<TransportClosure> Closed => _closed.Task;

    public Published[] All
    {
        get
        {
            lock (_published)
            {
                return [.. _published];
            }
        }
    }

    /// <summary>The single message that was published.</summary>
    public Published Single => Assert.Single(All);

    public void Close(string reason) => Close(new TransportClosure(reason));

    public void Close(TransportClosure closure) => _closed.TrySetResult(closure);

    public void Return(Published message, string reason = "312 NO_ROUTE") => Returned?.Invoke(new ReturnedMessage(message.Id, message.RoutingKey, reason));

    public void Reply(Published request, string body, string? type = null, string? contentType = "application/json", string? encoding = null, IDictionary<string, object?>? headers = null) =>
        Reply(request.Id, body, type, contentType, encoding, headers);

    public void Reply(string? id, string body, string? type = null, string? contentType = "application/json", string? encoding = null, IDictionary<string, object?>? headers = null) =>
        Consumer!.OnDelivered(new IncomingMessage
        {
            CorrelationId = id,
            Body = Encoding.UTF8.GetBytes(BatchText.Reply(type, body)),
            Type = type,
            ContentType = BatchText.ContentTypeOf(type, contentType),
            ContentEncoding = encoding,
            Headers = headers,
        });

    /// <summary>A reply that the transport cannot read.</summary>
    public void ReplyUnreadable(Published request, string body, string? type = null) => Consumer!.OnDelivered(new IncomingMessage
    {
        CorrelationId = request.Id,
        Body = Encoding.UTF8.GetBytes(body),
        Type = type,
        ContentType = "application/json",
        IsUnreadable = true,
    });

    public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        lock (_published)
        {
            _published.Add(Published.From(in message));
        }

        return OnPublish?.Invoke(message) ?? default;
    }

    public Task DeclareQueueAsync(QueueDeclaration queue, CancellationToken cancellationToken)
    {
        Declared = queue;
        return connection.DeclareFailure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
    }

    public async Task<QueueState> InspectQueueAsync(string queue, CancellationToken cancellationToken)
    {
        connection.Inspections++;
        await connection.InspectionGate.WaitAsync(cancellationToken);
        return connection.Queues.TryGetValue(queue, out QueueState state)
            ? state
            : throw new TransportRefusedException(AmqpReplyCodes.NotFound, connection.MissingReason);
    }

    public Task<string> ConsumeAsync(string queue, ushort prefetch, ITransportConsumer consumer, CancellationToken cancellationToken)
    {
        Prefetch = prefetch;
        Consumer = consumer;
        return Task.FromResult("tag");
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        Close("disposed");
        return default;
    }

    public ValueTask AckAsync(ulong deliveryTag, bool multiple, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RequeueAsync(ulong deliveryTag, CancellationToken cancellationToken) => throw new NotSupportedException();

    public ValueTask RejectAsync(ulong deliveryTag, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task BindFanoutAsync(string exchange, string queue, CancellationToken cancellationToken) => throw new NotSupportedException();

    public Task InspectExchangeAsync(string exchange, CancellationToken cancellationToken) => connection.Exchanges.Contains(exchange)
        ? Task.CompletedTask
        : Task.FromException(new TransportRefusedException(AmqpReplyCodes.NotFound, "no exchange"));

    public Task DeclareDirectAsync(string exchange, CancellationToken cancellationToken)
    {
        connection.Exchanges.Add(exchange);
        return connection.DeclareExchangeFailure is { } failure ? Task.FromException(failure) : Task.CompletedTask;
    }

    public Task BindDirectAsync(string exchange, string queue, CancellationToken cancellationToken)
    {
        connection.Bindings.Add((exchange, queue));
        return Task.CompletedTask;
    }

    public Task CancelConsumerAsync(string consumerTag, CancellationToken cancellationToken) => throw new NotSupportedException();
}

/// <summary>A publisher that records what is published and does what a test tells it to.</summary>
internal sealed class FakePublisher(FakeConnection connection) : ITransportPublisher
{
    private readonly List<Published> _all = [];
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<Published> All
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public bool IsDisposed { get; private set; }

    public Task<TransportClosure> Closed => _closed.Task;

    public void Close(TransportClosure closure) => _closed.TrySetResult(closure);

    public void Close(string reason) => _closed.TrySetResult(new TransportClosure(reason));

    public Task<PublishOutcome> PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
    {
        if (message.RoutingKey.StartsWith(ExchangeProbe.RoutingKeyPrefix, StringComparison.Ordinal))
        {
            return connection.ProbeAsync(this, message.Exchange);
        }

        lock (_all)
        {
            _all.Add(Published.From(in message));
        }

        return connection.OnConfirm?.Invoke(message, cancellationToken) ?? Task.FromResult(new PublishOutcome(PublishResult.Confirmed));
    }

    public ValueTask DisposeAsync()
    {
        IsDisposed = true;
        Close("disposed");
        return default;
    }
}

/// <summary>A message as it was published.</summary>
internal sealed record Published(OutgoingMessage Message, string Body)
{
    public string? Id => Message.CorrelationId.ToString();

    public string? Type => Message.Type;

    public string RoutingKey => Message.RoutingKey;

    /// <summary>The ids of a batch's calls.</summary>
    public string[] BatchedIds => [.. System.Text.Json.JsonDocument.Parse(Body).RootElement.EnumerateArray().Select(entry => entry[0].GetString()!)];

    public static Published From(in OutgoingMessage message) => new(message, BatchText.ReadRequest(message.Type, Encoding.UTF8.GetString(message.Body.Span)));
}
