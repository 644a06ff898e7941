using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>Batches and their entries.</summary>
public sealed class DispatchBatchTests : DispatchTest
{
    [Fact]
    public async Task A_batch_is_opened()
    {
        Serve();

        (CallOutcome outcome, ServerCall batch) = await Server.HandleAsync(TestServer.Request(type: "$batch", body: """[["x","echo",0,{"text":"a"}]]"""));

        Assert.Equal(CallOutcome.Opened, outcome);
        Assert.Single(Server.Dispatcher.OpenBatch(batch, Rent)!);
    }

    [Fact]
    public async Task A_batch_that_cannot_be_read_is_refused()
    {
        Serve();
        (_, ServerCall batch) = await Server.HandleAsync(TestServer.Request(type: "$batch", body: "[]"));

        Assert.Null(Server.Dispatcher.OpenBatch(batch, Rent));
        Assert.Equal("protocol", batch.FaultCode);
        Assert.Equal("The batch has no calls.", Problem(batch).GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("echo", nameof(CallOutcome.Replied), null)]
    [InlineData("$ping", nameof(CallOutcome.Faulted), "unsupported")]
    [InlineData("$batch", nameof(CallOutcome.Faulted), "unsupported")]
    [InlineData("nothing", nameof(CallOutcome.Faulted), "unknown-method")]
    public async Task Entries_of_a_batch_are_calls_only(string type, string expected, string? code)
    {
        Serve();
        ServerCall batch = Server.Begin(TestServer.Request(type: "$batch", body: $$"""[["x","{{type}}",1000,{"text":"a"}]]"""));
        ServerCall entry = Assert.Single(Server.Dispatcher.OpenBatch(batch, Rent)!);

        CallOutcome outcome = await Server.Dispatcher.HandleAsync(entry, _ => { }).Soon();

        Assert.Equal((expected, code, false), (outcome.ToString(), entry.FaultCode, entry.IsOneWay));
    }

    private ServerCall Rent() => new(new EarliestDeadline(Server.Time, _ => long.MaxValue));
}
