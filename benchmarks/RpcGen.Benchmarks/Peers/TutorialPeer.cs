using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers;

/// <summary>The code of RabbitMQ's tutorial 6 for .NET, with JSON bodies.</summary>
internal sealed class TutorialPeer(string name, string description, string queueType, ushort prefetch) : IPeer
{
    public string Name => name;

    public string Description => description;

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        IConnection connection = await new ConnectionFactory { Uri = new Uri(site.Broker) }.CreateConnectionAsync();
        await ServeAsync(connection, site.Name + ".add", request =>
        {
            int[] terms = [.. request.Split(',').Select(int.Parse)];
            return $"{terms[0] + terms[1]}";
        });
        await ServeAsync(connection, site.Name + ".echo", request =>
            JsonSerializer.Serialize(JsonSerializer.Deserialize(request, BenchmarkJson.Default.Document)!, BenchmarkJson.Default.Document));
        return connection;
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        IConnection connection = await new ConnectionFactory { Uri = new Uri(site.Broker) }.CreateConnectionAsync();
        var client = new Client(connection, await connection.CreateChannelAsync(), site.Name);
        await client.StartAsync();
        return client;
    }

    private async Task ServeAsync(IConnection connection, string queue, Func<string, string> handle)
    {
        IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?> { ["x-queue-type"] = queueType });
        await channel.BasicQosAsync(prefetchSize: 0, prefetchCount: prefetch, global: false);
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (sender, args) =>
        {
            IChannel from = ((AsyncEventingBasicConsumer)sender).Channel;
            var replyProperties = new BasicProperties { CorrelationId = args.BasicProperties.CorrelationId };
            string response = string.Empty;
            try
            {
                response = handle(Encoding.UTF8.GetString(args.Body.ToArray()));
            }
            finally
            {
                byte[] bytes = Encoding.UTF8.GetBytes(response);
                await from.BasicPublishAsync(exchange: string.Empty, routingKey: args.BasicProperties.ReplyTo!, mandatory: true, basicProperties: replyProperties, body: bytes);
                await from.BasicAckAsync(deliveryTag: args.DeliveryTag, multiple: false);
            }
        };
        await channel.BasicConsumeAsync(queue, autoAck: false, consumer);
    }

    private sealed class Client(IConnection connection, IChannel channel, string site) : IPeerClient
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource<string>> _callbacks = new();
        private string _replyQueue = "";

        public async Task StartAsync()
        {
            QueueDeclareOk declared = await channel.QueueDeclareAsync();
            _replyQueue = declared.QueueName;
            var consumer = new AsyncEventingBasicConsumer(channel);
            consumer.ReceivedAsync += (_, args) =>
            {
                string? correlationId = args.BasicProperties.CorrelationId;
                if (!string.IsNullOrEmpty(correlationId) && _callbacks.TryRemove(correlationId, out TaskCompletionSource<string>? completion))
                {
                    completion.TrySetResult(Encoding.UTF8.GetString(args.Body.ToArray()));
                }

                return Task.CompletedTask;
            };
            await channel.BasicConsumeAsync(_replyQueue, autoAck: true, consumer);
        }

        public async ValueTask<int> AddAsync(int a, int b) => int.Parse(await CallAsync(site + ".add", $"{a},{b}"));

        public async ValueTask<Document> EchoAsync(Document document) =>
            JsonSerializer.Deserialize(await CallAsync(site + ".echo", JsonSerializer.Serialize(document, BenchmarkJson.Default.Document)), BenchmarkJson.Default.Document)!;

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private async Task<string> CallAsync(string queue, string message, CancellationToken cancellationToken = default)
        {
            string correlationId = Guid.NewGuid().ToString();
            var properties = new BasicProperties { CorrelationId = correlationId, ReplyTo = _replyQueue };
            var completion = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
            _callbacks.TryAdd(correlationId, completion);
            byte[] bytes = Encoding.UTF8.GetBytes(message);
            await channel.BasicPublishAsync(exchange: string.Empty, routingKey: queue, mandatory: true, basicProperties: properties, body: bytes, cancellationToken);
            using CancellationTokenRegistration registration = cancellationToken.Register(() =>
            {
                _callbacks.TryRemove(correlationId, out _);
                completion.SetCanceled(cancellationToken);
            });
            return await completion.Task;
        }
    }
}
