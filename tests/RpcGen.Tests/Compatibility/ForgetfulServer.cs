using System.Text;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>A server by hand. It refuses batches, and answers the first request after all others.</summary>
internal sealed class ForgetfulServer : ITransportConsumer
{
    private const int Requests = 3;

    private readonly ITransportChannel _channel;
    private readonly List<(string ReplyTo, string? Id, string Body)> _answers = [];

    private ForgetfulServer(ITransportChannel channel) => _channel = channel;

    public static async Task StartAsync(Stage stage)
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        ITransportConnection connection = await new RecordingTransport(stage.Transport, stage.Recorder, isClient: false).ConnectAsync("by hand", cancel);
        ITransportChannel channel = await connection.OpenChannelAsync(cancel);
        await channel.DeclareQueueAsync(new QueueDeclaration("recorded", QueueKind.Classic), cancel);
        await channel.ConsumeAsync("recorded", prefetch: 0, new ForgetfulServer(channel), cancel);
    }

    public void OnDelivered(in IncomingMessage message)
    {
        if (message.Type == WireNames.Batch)
        {
            Publish(message.ReplyTo!, message.CorrelationId, WireNames.Fault, WireNames.ProblemJson, """{"type":"urn:rpcgen:fault:unsupported","title":"No batches."}""");
            return;
        }

        string text = Encoding.UTF8.GetString(message.Body.Span).Split('"')[3];
        if (text.Length == 0)
        {
            Publish(message.ReplyTo!, message.CorrelationId, type: null, WireNames.Json + WireNames.Batchable, "null");
            return;
        }

        _answers.Add((message.ReplyTo!, message.CorrelationId, $"\"{text}\""));
        if (_answers.Count == Requests)
        {
            _answers.Reverse();
            _answers.ForEach(answer => Publish(answer.ReplyTo, answer.Id, type: null, WireNames.Json, answer.Body));
        }
    }

    public void OnCancelledByBroker()
    {
    }

    private void Publish(string replyTo, string? id, string? type, string contentType, string body)
    {
        var message = new OutgoingMessage
        {
            Exchange = "",
            RoutingKey = replyTo,
            ContentType = contentType,
            Type = type,
            CorrelationId = new CorrelationId(id),
            Body = Encoding.UTF8.GetBytes(body),
        };
        _ = _channel.PublishAsync(in message, CancellationToken.None).AsTask();
    }
}
