using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.OneWay;

/// <summary>One-way calls while the session closes.</summary>
public sealed class OneWayClosingTests : OneWayTest
{
    [Fact]
    public async Task Disposal_ends_what_is_being_sent_and_accepts_no_more()
    {
        Connection.OnConfirm = (_, token) => new TaskCompletionSource<PublishOutcome>().Task.WaitAsync(token);
        Task sent = Run(Send);
        await Until(() => Connection.Publishers.Count == 1 && Connection.Publishers[0].All.Count == 1);
        Connection.Block("memory");
        Task unsent = Run(Send);
        Session.Close();

        Assert.Equal(RpcExecution.Unknown, (await Fails<RpcConnectionException>(sent)).Execution);
        var notStarted = await Fails<RpcConnectionException>(unsent);
        Assert.Equal((RpcExecution.NotStarted, "Send"), (notStarted.Execution, notStarted.Method));
        await Fails<ObjectDisposedException>(Run(Send));
    }

    [Fact]
    public async Task Handlers_can_send_until_the_session_is_disposed()
    {
        var handling = new RpcCallContext(Server.TestMethod.Create("Outer"), null, 1, isRedelivered: false, Time, long.MaxValue);
        Session.Close();
        RpcCallContext.Current = handling;
        Task allowed = Run(Send);
        RpcCallContext.Current = null;
        await Ends(allowed);

        await Session.DisposeAsync();
        Assert.True(Connection.Publishers[0].IsDisposed);
        RpcCallContext.Current = handling;
        Task refused = Run(Send);
        RpcCallContext.Current = null;
        await Fails<ObjectDisposedException>(refused);
    }
}
