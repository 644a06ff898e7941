using RpcGen.Tests.Server.Consuming;

namespace RpcGen.Tests.Server.Running;

/// <summary>Handlers that ignore their tokens, on a server with two places.</summary>
public sealed class HeldPlacesTests : ServeLinkTest
{
    public HeldPlacesTests() => Server.Settings = Server.Settings with { MaxConcurrentCalls = 2 };

    [Fact]
    public async Task Places_past_their_deadline_are_counted_and_the_oldest_is_named()
    {
        await ServeHeldAsync(expiration: "1000"); // the handler ignores its token
        Server.Time.Advance(TimeSpan.FromMilliseconds(1500));
        Assert.Null(Server.Dispatcher.Places.Describe());
        Assert.DoesNotContain(59, Server.Log.Ids);

        Server.Time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("1 of 2 places are held by calls past their deadline, whose handlers ignore their cancellation tokens.", Server.Dispatcher.Places.Describe());
        Assert.Contains("1 of 2 places of queue q are held", Server.Log.Text(59), StringComparison.Ordinal);
        Assert.Contains("The oldest is echo (call 1), whose deadline passed 1", Server.Log.Text(59), StringComparison.Ordinal);
        Release.SetResult();
        await Channel.NextAckAsync();
        await Server.Link.DrainAsync().Soon();
        Assert.Null(Server.Dispatcher.Places.Describe());
    }
}
