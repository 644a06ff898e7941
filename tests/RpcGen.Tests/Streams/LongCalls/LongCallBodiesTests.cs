using System.Text;
using RpcGen.Protocol;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams.LongCalls;

/// <summary>The bodies of messages about long calls.</summary>
public sealed class LongCallBodiesTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    [Fact]
    public void Bodies_are_read_as_they_were_written()
    {
        byte[] open = LongCallBodies.WriteOpen(Every, "srv", 3);
        byte[] waiting = LongCallBodies.WriteWaiting(Every, "me", 7, [new WaitingCall(new LongCallName(new CorrelationId(0xabc), "rpc.cb.~1"), 3), new WaitingCall(new LongCallName(new CorrelationId("x"), "rpc.cb.~2"), WaitingCall.AnyRun)]);
        byte[] running = LongCallBodies.WriteRunning(Every, "srv", 9, [new CorrelationId(0xabc)], [new CorrelationId("x")]);

        Assert.Equal("""{"every":5000,"instance":"srv","run":3}""", Encoding.UTF8.GetString(open));
        Assert.Equal("""{"every":5000,"instance":"me","number":7,"calls":[["0000000000000abc","rpc.cb.~1",3],["x","rpc.cb.~2"]]}""", Encoding.UTF8.GetString(waiting));
        Assert.Equal("""{"every":5000,"instance":"srv","number":9,"calls":["0000000000000abc"],"unknown":["x"]}""", Encoding.UTF8.GetString(running));
        Assert.Equal(new OpenBody(new LongCallSender("srv", Every), 3), LongCallBodies.ReadOpen(open));
        WaitingBody read = LongCallBodies.ReadWaiting(waiting);
        Assert.Equal((new LongCallSender("me", Every), 7), (read.Sender, read.Number));
        Assert.Equal([new WaitingCall(new LongCallName(new CorrelationId(0xabc), "rpc.cb.~1"), 3), new WaitingCall(new LongCallName(new CorrelationId("x"), "rpc.cb.~2"), WaitingCall.AnyRun)], read.Calls);
        RunningBody body = LongCallBodies.ReadRunning(running);
        Assert.Equal(9, body.Number);
        Assert.Equal([new CorrelationId(0xabc)], body.Calls);
        Assert.Equal([new CorrelationId("x")], body.Unknown);
    }

    [Fact]
    public void Unknown_members_are_ignored_and_times_have_bounds()
    {
        Assert.Equal(new OpenBody(new LongCallSender("a", TimeSpan.FromSeconds(5)), WaitingCall.AnyRun), LongCallBodies.ReadOpen("""{"new":[1],"instance":"a"}"""u8.ToArray()));
        Assert.Equal(TimeSpan.FromMinutes(1), LongCallBodies.ReadOpen("""{"instance":"a","every":99999999}"""u8.ToArray()).Sender.Every);
        Assert.Equal(TimeSpan.FromMilliseconds(100), LongCallBodies.ReadOpen("""{"instance":"a","every":1}"""u8.ToArray()).Sender.Every);
        Assert.Equal(WaitingCall.AnyRun, Assert.Single(LongCallBodies.ReadWaiting("""{"instance":"a","number":1,"calls":[["x","y"]]}"""u8.ToArray()).Calls).Run);
        Assert.Empty(LongCallBodies.ReadRunning("""{"instance":"a"}"""u8.ToArray()).Calls);
        Assert.Equal(long.MaxValue, LongCallBodies.ReadRunning("""{"instance":"a"}"""u8.ToArray()).Number);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"instance":""}""")]
    [InlineData("""{"instance":7}""")]
    [InlineData("""{"instance":"a","every":"5"}""")]
    [InlineData("""{"instance":"a","number":1,"calls":[["x"]]}""")]
    [InlineData("""{"instance":"a","number":1,"calls":["x"]}""")]
    [InlineData("""{"instance":"a","number":1,"calls":[["x","y","z"]]}""")]
    [InlineData("""{"instance":"a","number":1e99,"calls":[]}""")]
    [InlineData("""{"instance":"a","calls":[]}""")]
    public void Other_bodies_are_refused(string body) => Assert.ThrowsAny<Exception>(() => LongCallBodies.ReadWaiting(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void Long_names_are_refused()
    {
        string name = new('x', 300);
        Assert.ThrowsAny<Exception>(() => LongCallBodies.ReadOpen(Encoding.UTF8.GetBytes($$"""{"instance":"{{name}}"}""")));
    }
}
