using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <summary>Asks servers about themselves: calls like any, of methods that no contract has.</summary>
internal sealed class Introspector(CallSession session)
{
    /// <summary>Where the queue has priorities, they do not wait behind what it is asked about.</summary>
    private static readonly RpcCallOptions First = new() { Priority = byte.MaxValue };

    private static readonly RpcJson Json = new(IntrospectionJsonContext.Default.Options, contract: "");

    private readonly Question<RpcInstance> _ping = new(Json, WireNames.Ping);
    private readonly Question<RpcServiceDescription> _describe = new(Json, WireNames.Describe);

    public async Task<RpcPing> PingAsync(string queue, CancellationToken cancellationToken)
    {
        long start = session.Environment.Time.GetTimestamp();
        RpcInstance instance = await AskAsync(_ping, queue, cancellationToken).ConfigureAwait(false);
        return new RpcPing { RoundTrip = session.Environment.Time.GetElapsedTime(start), Instance = instance };
    }

    public Task<RpcServiceDescription> DescribeAsync(string queue, CancellationToken cancellationToken) => AskAsync(_describe, queue, cancellationToken).AsTask();

    private ValueTask<TResult> AskAsync<TResult>(Question<TResult> question, string queue, CancellationToken cancellationToken)
    {
        var service = new ServiceAddress(queue, RpcBodyStyle.Object);
        var caller = new MethodCaller<object, ValueTuple, TResult>(session, question, service, queue, question.Timeout, failFast: false, mayShare: false, interceptors: []);
        return caller.CallAsync(First, default, cancellationToken);
    }

    /// <summary>A request of a reserved type, without arguments.</summary>
    private sealed class Question<TResult>(RpcJson json, string type) : RpcMethod<object, ValueTuple, TResult>(json, type)
    {
        public override bool IsIdempotent => true;

        public override ValueTask<TResult> InvokeAsync(object service, ValueTuple arguments, CancellationToken cancellationToken) =>
            throw new NotSupportedException();
    }
}
