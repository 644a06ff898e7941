using System.Globalization;
using RabbitMQ.Client;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>A client of one queue.</summary>
internal sealed class FloorClient : FloorConsumer
{
    private const string Timeout = "30000";
    private readonly IChannel _publishing;
    private readonly string _queue;
    private readonly FloorOptions _options;
    private readonly FloorPropertyParts _parts;
    private IFloorReplies _replies = null!;

    private FloorClient(IChannel publishing, IChannel consuming, string queue, string callbacks, FloorOptions options)
        : base(consuming)
    {
        _publishing = publishing;
        _queue = options.IsOneWay ? callbacks : queue;
        _options = options;
        _parts = options.SendsAllProperties
            ? new FloorPropertyParts("application/json", callbacks, Timeout, hasTimestamp: true, type: queue)
            : new FloorPropertyParts(null, options.IsOneWay ? null : callbacks, null, hasTimestamp: false, type: null);
    }

    public static async Task<FloorClient> StartAsync(IConnection publishing, IConnection consuming, string queue, string callbacks, FloorOptions options)
    {
        IChannel requests = await publishing.CreateChannelAsync();
        IChannel replies = consuming == publishing ? requests : await consuming.CreateChannelAsync();
        var client = new FloorClient(requests, replies, queue, callbacks, options);
        await replies.QueueDeclareAsync(callbacks, durable: false, exclusive: true, autoDelete: true);
        await replies.BasicConsumeAsync(callbacks, autoAck: true, consumerTag: "c", client);
        return client;
    }

    public FloorCallTable<TResult> MakeTable<TResult>(ReadReply<TResult> read)
    {
        var table = new FloorCallTable<TResult>(read, _options.RunsCallersInline);
        _replies = table;
        return table;
    }

    public ValueTask<TResult> CallAsync<TResult>(FloorCallTable<TResult> table, FloorBody body)
    {
        FloorCall<TResult> call = table.Rent();
        var properties = new FloorProperties(_parts, call.Id);
        ValueTask publishing = _publishing.BasicPublishAsync("", _queue, mandatory: _options.SendsAllProperties, properties, body.Written);
        return publishing.IsCompletedSuccessfully ? call.Task : WaitAsync(publishing, call);
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        _replies.OnReply(ulong.Parse(properties.CorrelationId!, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture), body.Span);
        return Task.CompletedTask;
    }

    private static async ValueTask<TResult> WaitAsync<TResult>(ValueTask publishing, FloorCall<TResult> call)
    {
        await publishing;
        return await call.Task;
    }
}
