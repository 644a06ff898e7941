using RpcGen.Simulation.Streaming;

namespace RpcGen.Simulation.Stage;

/// <summary>A server's handlers: note that they run, and do what the call's plan says.</summary>
internal sealed class Workshop(World world, Process process, Instance instance) : IWorkshop
{
    private readonly StreamWorkshop _streams = new(world, instance);

    public Task<string> DoAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Plain, call, text, cancellationToken);

    public Task<string> DoIdempotentlyAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Idempotent, call, text, cancellationToken);

    public Task<string> DoOnceAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.AtMostOnce, call, text, cancellationToken);

    public Task<string> DoTogetherAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Batched, call, text, cancellationToken);

    public Task<string> DoDurablyAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Durable, call, text, cancellationToken);

    public Task SendAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.OneWay, call, text, cancellationToken);

    public Task TossAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Unconfirmed, call, text, cancellationToken);

    public Task SendIdempotentlyAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.OneWayIdempotent, call, text, cancellationToken);

    public Task SendOnceAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.OneWayAtMostOnce, call, text, cancellationToken);

    public Task SendDurablyAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.OneWayDurable, call, text, cancellationToken);

    public Task AnnounceAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Broadcast, call, text, cancellationToken);

    public Task AnnounceIdempotentlyAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.BroadcastIdempotent, call, text, cancellationToken);

    public Task<string> DoLongAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.Long, call, text, cancellationToken);

    public Task<string> DoLongIdempotentlyAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.LongIdempotent, call, text, cancellationToken);

    public Task<string> DoLongOnceAsync(long call, string text, CancellationToken cancellationToken) => RunAsync(Promise.LongAtMostOnce, call, text, cancellationToken);

    public IAsyncEnumerable<Piece> ListAsync(long call, CancellationToken cancellationToken) => _streams.Produce(StreamShape.List, call);

    public IAsyncEnumerable<Piece> ListIdempotentlyAsync(long call, CancellationToken cancellationToken) => _streams.Produce(StreamShape.ListIdempotently, call);

    public IAsyncEnumerable<Piece> ListOnceAsync(long call, CancellationToken cancellationToken) => _streams.Produce(StreamShape.ListOnce, call);

    public IAsyncEnumerable<Piece> ListSparinglyAsync(long call, CancellationToken cancellationToken) => _streams.Produce(StreamShape.ListSparingly, call);

    public IAsyncEnumerable<Piece> ListNarrowlyAsync(long call, CancellationToken cancellationToken) => _streams.Produce(StreamShape.ListNarrowly, call);

    public Task<long> StoreAsync(long call, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken) => _streams.TakeAsync(StreamShape.Store, call, pieces, cancellationToken);

    public Task<long> StoreIdempotentlyAsync(long call, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken) => _streams.TakeAsync(StreamShape.StoreIdempotently, call, pieces, cancellationToken);

    public IAsyncEnumerable<Piece> EchoAsync(long call, IAsyncEnumerable<Piece> pieces, CancellationToken cancellationToken) => _streams.EchoAsync(call, pieces, cancellationToken);

    public Task<long> ReportAsync(long call, IProgress<long> progress, CancellationToken cancellationToken) => _streams.ReportAsync(call, progress, cancellationToken);

    public Task<Stream> DownloadAsync(long call, CancellationToken cancellationToken) => Task.FromResult(_streams.ProduceBytes(call));

    public Task<long> UploadAsync(long call, Stream content, CancellationToken cancellationToken) => _streams.TakeAsync(call, content, cancellationToken);

    private async Task<string> RunAsync(Promise promise, long id, string text, CancellationToken cancellationToken)
    {
        if (id < 0 || id >= world.Journal.Calls.Count || world.Journal.Calls[(int)id] is not { } call || call.Plan.Promise != promise || call.Text != text)
        {
            throw world.Violate($"a handler of {promise} on {instance.Name} got call {id} with {text.Length} characters, which nobody sent like that");
        }

        if (instance.HasStopped)
        {
            world.Violate($"{call} runs on {instance.Name}, which has stopped");
        }

        RunRecord run = world.Journal.StartRun(call, instance, RpcCallContext.Current?.IsRedelivered ?? throw world.Violate($"{call} runs without a context"));
        bool hasAnswered = false;
        try
        {
            CancellationToken heeded = call.Plan.HeedsToken ? cancellationToken : CancellationToken.None;
            if (call.Plan.Work > TimeSpan.Zero)
            {
                await Task.Delay(call.Plan.Work, world.Time, heeded);
            }

            if (call.Plan.Nested is { } nested)
            {
                await world.CallAsync(process, nested, run, heeded);
            }

            string answer = call.Plan.End switch
            {
                HandlerEnd.ThrowsDeclared => throw new JobFailedException("The job failed.", id),
                HandlerEnd.ThrowsOther => throw new InvalidOperationException("The handler failed."),
                HandlerEnd.GivesUp => throw new OperationCanceledException("The handler gave up."),
                _ => call.ExpectedAnswer,
            };
            hasAnswered = true;
            return answer;
        }
        finally
        {
            world.Journal.EndRun(run, hasAnswered);
        }
    }
}
