using System.Runtime.InteropServices;
using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Client.Cancelling;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// Asks servers about themselves. The questions are calls of methods that no contract has. A question waits in the queue like
/// any request; if it is not answered soon, every instance of the service is asked directly, because all their places can be
/// taken. Thread-safe.
/// </summary>
internal sealed class Introspector(CallSession session)
{
    /// <summary>In a queue with priorities, questions do not wait behind the requests that they ask about.</summary>
    private static readonly RpcCallOptions HighestPriority = new() { Priority = byte.MaxValue };

    /// <summary>A server with free places has answered by then. Asking all instances costs an answer from each.</summary>
    private static readonly TimeSpan AskAllAfter = TimeSpan.FromMilliseconds(250);

    private static readonly RpcJson Json = new(IntrospectionJsonContext.Default.Options, contract: "");

    /// <summary>Of how many queues the exchange is known: those for which a client or server was created last.</summary>
    public const int MaxExchanges = 1024;

    private readonly OrderedDictionary<string, string> _exchanges = new(StringComparer.Ordinal);
    private readonly Lock _gate = new();
    private readonly Question<RpcServiceInstance> _ping = new(Json, WireNames.Ping);
    private readonly Question<JsonElement> _describe = new(Json, WireNames.Describe);

    /// <summary>Notes a service's own exchange, through which questions about its queue go. Null and the empty text stand for none.</summary>
    public void NoteExchange(string queue, string? exchange)
    {
        if (string.IsNullOrEmpty(exchange))
        {
            return;
        }

        lock (_gate)
        {
            _exchanges.Remove(queue);
            if (_exchanges.Count == MaxExchanges)
            {
                _exchanges.RemoveAt(0);
            }

            _exchanges.Add(queue, exchange);
        }
    }

    /// <summary>Asks which instance answers, and measures the round trip.</summary>
    public async Task<RpcPing> PingAsync(string queue, CancellationToken cancellationToken)
    {
        long start = session.Environment.Time.GetTimestamp();
        RpcServiceInstance service = await AskAsync(_ping, queue, cancellationToken).ConfigureAwait(false);
        return new RpcPing { RoundTrip = session.Environment.Time.GetElapsedTime(start), Service = service };
    }

    /// <summary>Asks an instance for its contract.</summary>
    public async Task<RpcServiceDescription> DescribeAsync(string queue, CancellationToken cancellationToken)
    {
        JsonElement answer = await AskAsync(_describe, queue, cancellationToken).ConfigureAwait(false);
        try
        {
            return DescriptionReader.Read(JsonMarshal.GetRawUtf8Value(answer).ToArray());
        }
        catch (JsonException e)
        {
            throw new RpcProtocolException($"The answer of queue '{queue}' to {WireNames.Describe} cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Asks every instance of a service what a pending call asks one of them. The first reply answers the call.</summary>
    private void AskInstances(string queue, string question, CorrelationId id, TimeSpan expiration)
    {
        if (session.Link is { } link)
        {
            session.Instances.Send(new InstanceMessage(queue, link.ReplyTo, id, (long)expiration.TotalMilliseconds, question, session.Settings.SendsUser ? link.UserName : null));
        }
    }

    private string FindExchange(string queue)
    {
        lock (_gate)
        {
            return _exchanges.TryGetValue(queue, out string? exchange) ? exchange : "";
        }
    }

    private async Task<TResult> AskAsync<TResult>(Question<TResult> question, string queue, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var route = RequestRoute.ToQueue(queue, RpcBodyStyle.Object, FindExchange(queue));
        var settings = new MethodSettings(route, question.Timeout, FailFast: false, new CallLabel(queue, question.Name, queue));
        var invoker = new CallInvoker<object, ValueTuple, TResult>(session, question, settings, batching: null);
        ValueTask<TResult> answer = invoker.CallAsync(HighestPriority, default, out CorrelationId id, cancellationToken);
        using ITimer _ = session.Environment.Time.CreateTimer(
            _ => AskInstances(queue, question.Name, id, question.Timeout - AskAllAfter), state: null, AskAllAfter, Timeout.InfiniteTimeSpan);
        return await answer.ConfigureAwait(false);
    }
}
