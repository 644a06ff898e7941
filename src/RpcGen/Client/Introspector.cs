using System.Collections.Concurrent;
using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <summary>Asks servers about themselves. The questions are calls of methods that no contract has. Thread-safe.</summary>
internal sealed class Introspector(CallSession session)
{
    /// <summary>In a queue with priorities, questions do not wait behind the requests that they ask about.</summary>
    private static readonly RpcCallOptions HighestPriority = new() { Priority = byte.MaxValue };

    private static readonly RpcJson Json = new(IntrospectionJsonContext.Default.Options, contract: "");

    private readonly ConcurrentDictionary<string, string> _exchanges = new(StringComparer.Ordinal);
    private readonly Question<RpcInstance> _ping = new(Json, WireNames.Ping);
    private readonly Question<RpcServiceDescription> _describe = new(Json, WireNames.Describe);

    /// <summary>Notes a service's own exchange, through which questions about its queue go. Null and the empty text stand for none.</summary>
    public void NoteExchange(string queue, string? exchange)
    {
        if (!string.IsNullOrEmpty(exchange))
        {
            _exchanges[queue] = exchange;
        }
    }

    /// <summary>Asks which instance answers, and measures the round trip.</summary>
    public async Task<RpcPing> PingAsync(string queue, CancellationToken cancellationToken)
    {
        long start = session.Environment.Time.GetTimestamp();
        RpcInstance instance = await AskAsync(_ping, queue, cancellationToken).ConfigureAwait(false);
        return new RpcPing { RoundTrip = session.Environment.Time.GetElapsedTime(start), Instance = instance };
    }

    /// <summary>Asks an instance for its contract.</summary>
    public Task<RpcServiceDescription> DescribeAsync(string queue, CancellationToken cancellationToken) => AskAsync(_describe, queue, cancellationToken).AsTask();

    private ValueTask<TResult> AskAsync<TResult>(Question<TResult> question, string queue, CancellationToken cancellationToken)
    {
        var route = RequestRoute.ToQueue(queue, RpcBodyStyle.Object, _exchanges.GetValueOrDefault(queue, ""));
        var settings = new MethodSettings(route, question.Timeout, FailFast: false, new CallLabel(queue, question.Name, queue));
        var invoker = new CallInvoker<object, ValueTuple, TResult>(session, question, settings, batching: null);
        return invoker.CallAsync(HighestPriority, default, cancellationToken);
    }

    /// <summary>A request of a reserved type, without arguments.</summary>
    private sealed class Question<TResult>(RpcJson json, string type) : RpcMethod<object, ValueTuple, TResult>(json, type)
    {
        /// <inheritdoc/>
        public override bool IsIdempotent => true;

        /// <inheritdoc/>
        public override ValueTask<TResult> InvokeAsync(object service, ValueTuple arguments, CancellationToken cancellationToken) =>
            throw new NotSupportedException("Questions are answered by the server's runtime.");
    }
}
