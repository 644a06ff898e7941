using System.Text.Json;
using RabbitMQ.Client;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers.Floor;

/// <summary>Serves one queue. Handles and answers each request on the thread that receives it.</summary>
internal sealed class FloorServer : FloorConsumer
{
    private static readonly TimeSpan FlushInterval = TimeSpan.FromMilliseconds(5);
    private readonly IChannel _channel;
    private readonly bool _isEcho;
    private readonly FloorOptions _options;
    private readonly FloorPropertyParts _parts;
    private readonly Lock _gate = new();
    private Timer? _flush;
    private ulong _lastReplied;
    private ulong _lastAcked;

    private FloorServer(IChannel channel, bool isEcho, FloorOptions options)
        : base(channel)
    {
        _channel = channel;
        _isEcho = isEcho;
        _options = options;
        _parts = new FloorPropertyParts(options.SendsAllProperties ? "application/json" : null, null, null, hasTimestamp: false, null);
    }

    public static async Task StartAsync(IConnection connection, string queue, bool isEcho, FloorOptions options)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false);
        if (options.AcksEach)
        {
            await channel.BasicQosAsync(0, (ushort)(64 + (2 * options.AcksTogether)), global: false);
        }

        var server = new FloorServer(channel, isEcho, options);
        if (options.AcksTogether > 1)
        {
            server._flush = new Timer(_ => _ = server.AckAsync(), null, FlushInterval, FlushInterval);
        }

        await channel.BasicConsumeAsync(queue, autoAck: !options.AcksEach, consumerTag: "s", server);
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        FloorBody reply = FloorBody.Rent();
        if (_isEcho)
        {
            reply.WriteDocument(JsonSerializer.Deserialize(body.Span, BenchmarkJson.Default.Document)!);
        }
        else
        {
            reply.WriteSum(FloorBody.ReadAdd(body.Span));
        }

        ValueTask publishing = _channel.BasicPublishAsync("", properties.ReplyTo!, mandatory: false, new FloorProperties(_parts, properties.CorrelationId!), reply.Written);
        if (publishing.IsCompletedSuccessfully && !_options.AcksEach)
        {
            return Task.CompletedTask;
        }

        return FinishAsync(publishing, deliveryTag);
    }

    private async Task FinishAsync(ValueTask publishing, ulong deliveryTag)
    {
        await publishing;
        Volatile.Write(ref _lastReplied, deliveryTag);
        if (_options.AcksEach && deliveryTag >= _lastAcked + (ulong)_options.AcksTogether)
        {
            await AckAsync();
        }
    }

    private async Task AckAsync()
    {
        ValueTask acking = default;
        lock (_gate)
        {
            ulong last = Volatile.Read(ref _lastReplied);
            if (last > _lastAcked && _channel.IsOpen)
            {
                _lastAcked = last;
                acking = _channel.BasicAckAsync(last, multiple: _options.AcksTogether > 1);
            }
        }

        await acking;
    }
}
