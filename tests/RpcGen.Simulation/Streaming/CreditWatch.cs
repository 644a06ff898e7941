using System.Globalization;
using RpcGen.Protocol;
using RpcGen.Simulation.Stage;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Simulation.Streaming;

/// <summary>Reads what processes publish: nobody sends a message of a stream with items unless what it has sent before is below what was granted.</summary>
internal sealed class CreditWatch(World world)
{
    /// <summary>The clients' calls; null for one whose request was sent twice under one id.</summary>
    private readonly Dictionary<CorrelationId, (string Client, long Window)?> _calls = [];
    private readonly Dictionary<(CorrelationId Call, string? Parameter, string Sender), (long Sent, long Granted)> _streams = [];

    /// <summary>A process publishes a message.</summary>
    public void OnPublished(in OutgoingMessage message)
    {
        CorrelationId id = message.CorrelationId.Normalize();
        if (message.ReplyTo is not { } sender)
        {
            return;
        }

        if (StreamOffer.TryRead(message.ContentType, out StreamOffer offer))
        {
            _calls[id] = _calls.ContainsKey(id) ? null : (sender, offer.Window);
            return;
        }

        if (!_calls.TryGetValue(id, out (string Client, long Window)? call) || call is not var (client, window))
        {
            return;
        }

        switch (StreamMessageKinds.Of(message.Type, out string? parameter))
        {
            case StreamMessageKind.Grant:
                (CorrelationId, string?, string) granted = (id, parameter, message.RoutingKey);
                (long sent, long before) = Find(granted, client, window);
                _streams[granted] = (sent, Math.Max(before, StreamBodies.ReadGrant(message.Body.Span).Bytes));
                break;
            case StreamMessageKind.Item or StreamMessageKind.End when message.Body.Length > (message.ContentType == WireNames.Bytes ? 0 : 2):
                if (message.MessageId == 0 && sender != client)
                {
                    _streams.Remove((id, parameter, sender)); // a request that was delivered again runs again, from its first item
                }

                Spend((id, parameter, sender), client, window, message.Body.Length);
                break;
        }
    }

    /// <summary>The server can send as much as the request says, the client nothing, before the first grant.</summary>
    private (long Sent, long Granted) Find((CorrelationId Call, string? Parameter, string Sender) stream, string client, long window) =>
        _streams.GetValueOrDefault(stream, (0, stream.Sender == client ? 0 : window));

    private void Spend((CorrelationId Call, string? Parameter, string Sender) stream, string client, long window, int length)
    {
        (long sent, long granted) = Find(stream, client, window);
        if (sent >= granted)
        {
            world.Violate(string.Create(CultureInfo.InvariantCulture, $"a message of stream {stream.Call} was sent after {sent} bytes, although only {granted} were granted"));
        }

        _streams[stream] = (sent + StreamLimits.CostOf(length), granted);
    }
}
