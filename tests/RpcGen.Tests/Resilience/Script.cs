using System.Threading.Channels;
using Polly;
using RpcGen.Resilience;
using RpcGen.Tests.Server;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Resilience;

/// <summary>A call in the standard pipeline, whose attempts end as a test says, on a clock that the test moves.</summary>
internal sealed class Script
{
    private readonly Queue<Exception?> _outcomes;
    private readonly ResilienceInterceptor _interceptor;
    private readonly RpcMethod _method;
    private readonly Channel<TimeSpan> _attempts = Channel.CreateUnbounded<TimeSpan>();

    /// <summary>Creates the call.</summary>
    /// <param name="options">The options of the pipeline.</param>
    /// <param name="isIdempotent">Whether the method is.</param>
    /// <param name="outcomes">How the attempts end; null for a result. The last one is repeated.</param>
    public Script(RpcStandardResilienceOptions options, bool isIdempotent, params Exception?[] outcomes)
    {
        _method = TestMethod.Create("Pay", json => new TestMethod(json, "Pay") { Idempotent = isIdempotent });
        _outcomes = new Queue<Exception?>(outcomes);
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = Time };
        StandardPipeline.Add(pipeline, options);
        _interceptor = new ResilienceInterceptor(pipeline.Build(), options.AttemptTimeout);
    }

    public ManualTime Time { get; } = new();

    public int Attempts { get; private set; }

    /// <summary>The caller's token.</summary>
    public CancellationToken Token { get; init; } = TestContext.Current.CancellationToken;

    /// <summary>Starts the call. Until its first pause it runs on this thread.</summary>
    public Task<string> CallAsync(TimeSpan? timeout = null)
    {
        var call = new RpcClientCall<ValueTuple<string>>(_method, "payments", Time, new("x")) { Timeout = timeout ?? TimeSpan.FromDays(100), CancellationToken = Token };
        return _interceptor.InterceptAsync<ValueTuple<string>, string>(call, RunAsync).AsTask();
    }

    /// <summary>Waits for the next attempt. Returns the time that it may take, from the call's start.</summary>
    public async Task<TimeSpan> NextAttemptAsync() => await _attempts.Reader.ReadAsync().AsTask().WaitAsync(Bounds.Soon);

    private ValueTask<string> RunAsync(RpcClientCall<ValueTuple<string>> call)
    {
        Attempts++;
        _attempts.Writer.TryWrite(call.Timeout);
        Exception? outcome = _outcomes.Count > 1 ? _outcomes.Dequeue() : _outcomes.Peek();
        return outcome is null ? new("paid") : ValueTask.FromException<string>(outcome);
    }
}
