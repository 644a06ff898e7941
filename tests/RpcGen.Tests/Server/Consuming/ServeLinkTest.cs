using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

/// <summary>A link on a scripted channel, and a handler that can be held until a test releases it.</summary>
public abstract class ServeLinkTest
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected TestServer Server { get; } = new();

    private protected ScriptedChannel Channel => Server.Channel;

    protected TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    protected CancellationToken HandlerToken { get; private set; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected void Serve() => Server.Serve((text, _) => new(text));

    protected async Task ServeHeldAsync(string replyTo = "rpc.cb.me", bool atMostOnce = false, string? expiration = null)
    {
        Server.Serve(
            async (text, token) =>
            {
                HandlerToken = token;
                _started.TrySetResult();
                await Release.Task;
                return text;
            },
            method: json => new TestMethod(json, "echo") { AtMostOnce = atMostOnce });
        await Server.Link.StartAsync(hasBroadcasts: true, Cancel).Soon();
        Server.Deliver(TestServer.Request(replyTo: replyTo, expiration: expiration));
        await _started.Task.Soon();
    }

    protected void SendCancel(string? replyTo, string? id, string? type = null) =>
        Channel.Consumers["rpc.cx.0000000000000002"].Consumer.OnDelivered(new IncomingMessage { ReplyTo = replyTo, CorrelationId = id, Type = type });

    /// <summary>Lets time pass in steps, because the timer is set on another thread.</summary>
    protected async Task AdvanceUntilAsync(Task task, TimeSpan step) => await TaskBounds.Until(() =>
    {
        Server.Time.Advance(step);
        return task.IsCompleted;
    });
}
