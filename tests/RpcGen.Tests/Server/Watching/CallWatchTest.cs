using System.Globalization;
using System.Text;
using System.Text.Json;
using RpcGen.Server.Watching;
using RpcGen.Tests.Server.Consuming;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Watching;

/// <summary>A server on a scripted channel that is watched.</summary>
public abstract class CallWatchTest : ServeLinkTest
{
    private protected const string Eye = "rpc.cb.eye";

    private ulong _tag;

    private protected ulong NextTag() => ++_tag;

    private protected Task ServeEchoAsync()
    {
        Server.Serve((text, _) => text switch
        {
            "throw" => throw new InvalidOperationException("secret"),
            "cancel" => throw new OperationCanceledException("secret"),
            _ => new(text),
        });
        return Server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();
    }

    private protected Task<SentMessage> WatchAsync(string id = "w", string body = "", string? expiration = "30000", string replyTo = Eye, string exchange = "q.cancel") =>
        AskAsync("$watch", id, body, expiration, replyTo, exchange);

    private protected async Task<SentMessage> AskAsync(string type, string id, string body = "", string? expiration = null, string replyTo = Eye, string exchange = "q.cancel")
    {
        Ask(type, id, body, expiration, replyTo, exchange);
        return await Channel.NextReplyAsync();
    }

    private protected void Ask(string type, string id, string body = "", string? expiration = null, string replyTo = Eye, string exchange = "q.cancel") =>
        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnDelivered(
            new IncomingMessage { Exchange = exchange, RoutingKey = "", ReplyTo = replyTo, CorrelationId = id, Type = type, Expiration = expiration, Body = Encoding.UTF8.GetBytes(body) });

    private protected async Task<SentMessage> CallAsync(string text, string id)
    {
        Server.Deliver(TestServer.Request(id: id, body: $$"""{"text":"{{text}}"}""", tag: NextTag()));
        return await Channel.NextReplyAsync(); // the call was noted before its reply is sent
    }

    private protected async Task<SentMessage> NextEventsAsync()
    {
        Server.Time.Advance(CallWatches.Interval);
        return await Channel.NextReplyAsync();
    }

    private protected static int CountOf(SentMessage message) => message.Type == "events" ? JsonElement.Parse(message.Body).GetProperty("events").GetArrayLength() : throw new InvalidOperationException($"{message.Type} {message.Id} {message.Body.Length.ToString(CultureInfo.InvariantCulture)}");

    private protected static string? Text(JsonElement ended, string name) => ended.GetProperty(name).GetString();
}
