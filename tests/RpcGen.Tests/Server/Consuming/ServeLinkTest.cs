namespace RpcGen.Tests.Server.Consuming;

/// <summary>The base of tests of a link for serving: a server on a scripted channel, with a handler that can be held.</summary>
public abstract class ServeLinkTest
{
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected TestServer Server { get; } = new();

    private protected ScriptedChannel Channel => Server.Channel;

    /// <summary>Ends the held handler.</summary>
    private protected TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The token of the held handler.</summary>
    private protected CancellationToken HandlerToken { get; private set; }

    private protected void Serve() => Server.Serve((text, _) => new(text));

    /// <summary>Starts the link, and a call whose handler runs until <see cref="Release"/> is set.</summary>
    private protected async Task ServeHeldAsync(bool atMostOnce = false, string? expiration = null)
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
        Server.Deliver(TestServer.Request(expiration: expiration));
        await _started.Task.Soon();
    }
}
