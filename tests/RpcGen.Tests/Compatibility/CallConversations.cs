using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>Calls, one-way calls, broadcasts and cancels.</summary>
internal static class CallConversations
{
    private const string Traced = "recorded/Place";

    public static readonly Conversation[] All =
    [
        new("call", "A request and its result.")
        {
            Call = async stage => Assert.Equal(new RecordedReceipt(2, 10m), await (await stage.ClientAsync()).PlaceAsync(Conversations.Order, express: true)),
        },
        new("call-without-result", "A request and a reply without a body. The client does not batch.")
        {
            Options = isClient => new RpcConnectionOptions { Batching = !isClient },
            Call = async stage => await (await stage.ClientAsync()).ForgetAsync(7),
        },
        new("null-result", "A result that is null.") { Call = async stage => Assert.Null(await (await stage.ClientAsync()).FindAsync("")) },
        new("slow-call", "The handler takes longer than a millisecond, so the method is not batched.")
        {
            Call = async stage =>
            {
                Task<int> call = (await stage.ClientAsync()).WaitAsync(20);
                await stage.PassForHandlerAsync(20);
                Assert.Equal(20, await call.WaitAsync(Bounds.Soon));
            },
        },
        new("metadata", "A request and a reply with metadata.")
        {
            Call = async stage =>
            {
                var reply = new RpcMetadata();
                IRecorded client = (await stage.ClientAsync()).With(metadata: new RpcMetadata { ["tenant"] = "Ñandú" }, replyMetadata: reply);
                await client.PlaceAsync(Conversations.Order);
                Assert.Equal("Ñandú", reply["tenant"]);
            },
        },
        new("trace", "A request with a trace, its state, and baggage.") { Call = CallTracedAsync },
        new("user", "A request that names the broker's user.")
        {
            Options = _ => new RpcConnectionOptions { SendBrokerUser = true },
            Call = async stage => Assert.Equal("user guest", await (await stage.ClientAsync()).FindAsync("user")),
        },
        new("durable", "A persistent request with a priority.") { Call = async stage => Assert.Equal(5, await (await stage.ClientAsync()).KeepAsync(5)) },
        new("at-most-once", "A request of a method that runs at most once.") { Call = async stage => Assert.Equal(5, await (await stage.ClientAsync()).PayAsync(5)) },
        new("quorum", "The reply says that publisher confirms cost nothing.")
        {
            Serve = stage => stage.ServeAsync<IRecorded>(stage.Service, new RpcServerOptions { QueueType = RpcQueueType.Quorum }),
            Call = async stage => Assert.Equal(5, await (await stage.ClientAsync()).KeepAsync(5)),
        },
        new("own-exchange", "Exchanges for requests and for replies.")
        {
            Options = _ => new RpcConnectionOptions { ReplyExchange = "recorded.replies" },
            Serve = async stage =>
            {
                await DeclareRepliesAsync(stage);
                await stage.ServeAsync<IRecorded>(stage.Service, new RpcServerOptions { Exchange = "recorded.requests" });
            },
            Call = async stage =>
            {
                await DeclareRepliesAsync(stage);
                Assert.Equal(5, await (await stage.CreateClientAsync<IRecorded>(new RpcClientOptions { Exchange = "recorded.requests" })).KeepAsync(5));
            },
        },
        new("bare", "The bare style: the body is the argument, and the reply is the result.")
        {
            Serve = stage => stage.ServeAsync<IRecordedBare>(stage.Service),
            Call = async stage => Assert.Equal(60, await (await stage.CreateClientAsync<IRecordedBare>()).DoubleAsync(30)),
        },
        new("one-way", "One-way requests, with and without a publisher confirm.")
        {
            Call = async stage =>
            {
                await (await stage.ClientAsync()).ArchiveAsync(7);
                await (await stage.ClientAsync()).HintAsync(8);
            },
            Notes = ["archive 7", "hint 8"],
        },
        new("broadcast", "A broadcast.")
        {
            Call = async stage => await (await stage.ClientAsync()).ChangedAsync(["nut", "bolt"]),
            Notes = ["changed nut bolt"],
        },
        new("cancel", "A call that its caller cancels.")
        {
            Call = async stage =>
            {
                using var cancellation = new CancellationTokenSource();
                Task<int> call = (await stage.ClientAsync()).WaitAsync(1000, cancellation.Token);
                await stage.Recorder.WaitAsync(1);
                await stage.PassForHandlerAsync(1);
                await cancellation.CancelAsync();
                await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
                await stage.Recorder.WaitAsync(2);
            },
            Notes = ["cancelled"],
        },
    ];

    private static async Task DeclareRepliesAsync(Stage stage)
    {
        await using ITransportConnection connection = await stage.Transport.ConnectAsync("operator", TestContext.Current.CancellationToken);
        await using ITransportChannel channel = await connection.OpenChannelAsync(TestContext.Current.CancellationToken);
        await channel.DeclareDirectAsync("recorded.replies", TestContext.Current.CancellationToken);
    }

    private static async Task CallTracedAsync(Stage stage)
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is TelemetryNames.Source,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => options.Name == Traced ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller") { TraceStateString = "vendor=1" };
        caller.SetParentId(ActivityTraceId.CreateFromString("4bf92f3577b34da6a3ce929d0e0e4736"), ActivitySpanId.CreateFromString("00f067aa0ba902b7"), ActivityTraceFlags.Recorded);
        caller.AddBaggage("tenant", "acme");
        caller.Start();
        await (await stage.ClientAsync()).PlaceAsync(Conversations.Order);
    }
}
