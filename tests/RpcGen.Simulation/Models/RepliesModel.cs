using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>The calls of a batch end on two threads, while a worker sends the replies that are gathered.</summary>
internal sealed class RepliesModel : Model, IGatheredReplyQueue
{
    private const int Calls = 3;

    private readonly ModelChannel _channel = new(deliveries: 1);
    private readonly Delivery _delivery;
    private readonly BatchReplies _replies;
    private readonly List<string> _sent = [];
    private string? _sending;

    public RepliesModel()
    {
        var acks = new AckTracker(_channel, Time, prefetch: 2);
        _delivery = acks.Add(new IncomingMessage { DeliveryTag = 1, ReplyTo = "reply" }, receivedAt: 0, maxBodyBytes: 0);
        var sender = new ReplySender(_channel, new RpcEnvironment(Time, new SimRandom(1), NullLogger.Instance), "queue", exchange: "");
        _replies = new BatchReplies(sender, acks, this, Time, _delivery, new CorrelationId("batch"), Calls);
        _channel.OnSent = OnSent;
    }

    public override IReadOnlyList<Action> Threads => [() => { Reply(0); Reply(1); }, () => Reply(2)];

    public void Add(IGatheredReplies replies) => ThreadPool.UnsafeQueueUserWorkItem(_ => _ = replies.SendAsync(), state: null);

    public override void Check()
    {
        Must(_sending is null, "a message is still being sent");
        Must(_sent.Order().SequenceEqual(["0", "1", "2"]), $"the replies {string.Join(", ", _sent)} were sent");
        Must(_channel.Open.Count == 0, "the batch is not acknowledged");
    }

    private void Reply(int number)
    {
        var reply = new CallReply { Delivery = _delivery, Id = new CorrelationId($"{number}"), Body = Encoding.UTF8.GetBytes($"{number}"), IsFault = false };
        ValueTask<bool> writing = _replies.WriteAsync(in reply);
        Must(writing.IsCompletedSuccessfully && writing.Result, "a small reply is gathered");
        _replies.EndCall(_delivery, acknowledge: true);
    }

    private void OnSent(ReadOnlyMemory<byte> body, bool isOver)
    {
        string text = Encoding.UTF8.GetString(body.Span);
        if (!isOver)
        {
            Must(_sending is null, "two messages are sent at a time, and could come in another order");
            _sending = text;
            return;
        }

        Must(_sending == text, "replies were written into the message that was being sent");
        _sending = null;
        var reader = new BatchReader(body.Span);
        while (reader.NextEntry())
        {
            _sent.Add(reader.Id.ToString() ?? "nameless");
            reader.EndEntry();
        }

        if (_sent.Count == Calls)
        {
            _channel.MayAcknowledge.Add(1);
        }
    }
}
