using System.Text;
using RpcGen.Protocol;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class BatchOpenerTests
{
    private readonly TestServer _server = new() { Settings = TestServer.CreateSettings() with { MaxMessageBytes = 1_000_000 } };
    private readonly BatchOpener _opener = new(new KnownNames(["echo"]));

    [Fact]
    public void Every_entry_becomes_a_call_of_the_batch_s_delivery()
    {
        ServerCall batch = Batch("""[["0000000000000007","echo",250,{"text":"a"}],["x","other",0,{},"00-trace",true]]""");

        List<ServerCall> calls = Open(batch);

        Assert.Equal([(7UL, null, "echo", 250L, """{"text":"a"}""", null), (0UL, "x", "other", 0L, "{}", "00-trace")], calls.Select(call =>
            (call.Id.Number, call.Id.Text, call.Type, call.Budget!.Value, Encoding.UTF8.GetString(call.Body.Span), call.TraceParent)));
        Assert.All(calls, call => Assert.Same(batch.Delivery, call.Delivery));
        Assert.All(calls, call => Assert.True(call.IsBatched));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("[[]]")]
    [InlineData("""[["x","echo"]]""")]
    [InlineData("""[["x","echo",-1,{}]]""")]
    [InlineData("""[["x","\ud800",0,{}]]""")]
    [InlineData("""[["x","echo",0,{}]] more""")]
    public void Anything_else_breaks_the_protocol(string body) => Assert.Throws<RpcProtocolException>(() => Open(Batch(body)));

    [Theory]
    [InlineData(JsonLimits.MaxBatchEntries, true)]
    [InlineData(JsonLimits.MaxBatchEntries + 1, false)]
    public void A_batch_has_a_bounded_number_of_calls(int calls, bool isOpened)
    {
        ServerCall batch = Batch($"[{string.Join(',', Enumerable.Repeat("""["x","echo",0,{}]""", calls))}]");

        if (isOpened)
        {
            Assert.Equal(calls, Open(batch).Count);
        }
        else
        {
            Assert.Contains("more than", Assert.Throws<RpcProtocolException>(() => Open(batch)).Message, StringComparison.Ordinal);
        }
    }

    private List<ServerCall> Open(ServerCall batch)
    {
        var calls = new List<ServerCall>();
        _opener.Open(batch, Rent, calls);
        return calls;
    }

    private ServerCall Batch(string body) => _server.Begin(TestServer.Request(type: "$batch", body: body));

    private ServerCall Rent() => new(new EarliestDeadline(_server.Time, _ => long.MaxValue));
}
