using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Telemetry;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>A broker that takes frames of 8 KiB at most.</summary>
public sealed class SmallFrameRabbit : RabbitNode
{
    protected override IEnumerable<string> StartArguments => ["--rabbit", "{frame_max, 8192}"];
}

/// <summary>Headers that do not fit into a frame.</summary>
[Collection(ListensToAll.Name)]
public sealed class LargeHeaderTests(SmallFrameRabbit broker) : FailureTest(broker), IClassFixture<SmallFrameRabbit>
{
    [Theory]
    [InlineData(200_000, 0)]
    [InlineData(5_000, 5_000)]
    public async Task Trace_state_and_baggage_that_do_not_fit_cost_no_call(int state, int baggage)
    {
        using var spans = Spans.Collect();
        spans.Root.TraceStateString = "vendor=" + new string('x', state);
        spans.Root.AddBaggage("note", new string('y', baggage));
        var courier = new Courier((text, _) => Task.FromResult($"{text} {Activity.Current?.TraceId}"));
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        ICourier client = (await ConnectAsync()).CreateClient<ICourier>(ClientOptions);

        Assert.Equal($"x {spans.Root.TraceId}", await client.AskAsync("x", Cancel).OrFail());
        await client.SendAsync("y", Cancel).OrFail();
        await client.AnnounceAsync("z", Cancel).OrFail();
        await client.TossAsync("w", Cancel).AsTask().OrFail();
        await Wait.UntilAsync(() => courier.Got.Length == 4, "all have come");
    }

    [Fact]
    public async Task Metadata_of_a_reply_that_does_not_fit_fails_its_call_only()
    {
        await ServeAsync((text, _) =>
        {
            RpcCallContext.Current!.ReplyMetadata["echo"] = text;
            return Task.FromResult("done");
        });
        ITroublemaker client = await CreateClientAsync();

        RpcProtocolException failure = await Assert.ThrowsAsync<RpcProtocolException>(() => client.DoAsync(new string('x', 10_000), Cancel).OrFail());

        Assert.Equal(RpcExecution.Started, failure.Execution);
        Assert.Contains("metadata", failure.Message, StringComparison.Ordinal);
        Assert.Equal("done", await client.DoAsync("x", Cancel).OrFail());
    }
}
