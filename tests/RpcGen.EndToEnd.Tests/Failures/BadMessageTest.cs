using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>The base of tests with a hand-written client or server.</summary>
public abstract class BadMessageTest(ITestBroker broker) : FailureTest(broker)
{
    private int _handled;

    /// <summary>How often the handler of <see cref="ServeEchoAsync"/> ran.</summary>
    protected int Handled => Volatile.Read(ref _handled);

    /// <summary>Serves a method that returns its argument.</summary>
    protected Task<RpcServer> ServeEchoAsync() => ServeAsync((text, _) =>
    {
        Interlocked.Increment(ref _handled);
        return Task.FromResult(text);
    });

    /// <summary>Replies as a hand-written server.</summary>
    private protected static ValueTask ReplyAsync(RawPeer server, Received request, string body, string? type = null) =>
        server.SendAsync(request.ReplyTo!, body, type, request.CorrelationId, replyTo: null, contentType: type == "fault" ? "application/problem+json" : "application/json");
}
