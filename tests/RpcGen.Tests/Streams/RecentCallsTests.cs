using System.Text;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Tests.AspNetCore;
using RpcGen.Tests.Hosting;
using RpcGen.Tests.Transports;
using RpcGen.Transport;
using RpcGen.Transport.InMemory;

namespace RpcGen.Tests.Streams;

/// <summary>A server that loses its connection for streams does not know whether callers have heard of it.</summary>
public sealed class RecentCallsTests
{
    private const string Caller = "rpc.cb.hand";

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Calls_are_kept_for_as_long_as_a_connection_can_be_dead_unnoticed()
    {
        var recent = new RecentCalls(_time);
        recent.Add(Caller, new CorrelationId(1UL));
        _time.Advance(RecentCalls.Age);
        recent.Add(Caller, new CorrelationId(2UL));
        _time.Advance(TimeSpan.FromTicks(1));

        Assert.Equal([new RecentCall(Caller, new CorrelationId(2UL))], recent.Take());
        Assert.Empty(recent.Take());
    }

    [Fact]
    public void A_busy_server_keeps_the_latest_calls()
    {
        var recent = new RecentCalls(_time);
        for (ulong id = 1; id <= RecentCalls.Capacity + 2; id++)
        {
            recent.Add(Caller, new CorrelationId(id));
        }

        RecentCall[] kept = recent.Take();
        Assert.Equal((RecentCalls.Capacity, 3UL), (kept.Length, kept[0].Id.Number));
    }

    [Fact]
    public async Task Callers_are_told_once_the_server_is_connected_again()
    {
        string address = Application.NewAddress();
        string name = address["memory://".Length..];
        using InMemoryBroker broker = InMemoryBrokers.Hold(name, TimeProvider.System);
        await using RpcConnection server = await RpcConnection.ConnectAsync(address, Cancel);
        await server.ServeAsync<IGallery>(new Gallery(), cancellationToken: Cancel);
        await using ITransportConnection connection = await new InMemoryTransport(name, TimeProvider.System).ConnectAsync("by hand", Cancel);
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        var replies = new RecordingConsumer();
        await channel.DeclareQueueAsync(new QueueDeclaration(Caller, QueueKind.Exclusive), Cancel);
        await channel.ConsumeAsync(Caller, prefetch: 0, replies, Cancel);
        await channel.PublishAsync(
            new OutgoingMessage
            {
                Exchange = "",
                RoutingKey = "Gallery",
                Type = "Count",
                CorrelationId = new CorrelationId(7UL),
                ReplyTo = Caller,
                ContentType = new StreamOffer(65_536, 0, StreamBeat.Default, null).ToContentType(),
                Body = """{"to":3}"""u8.ToArray(),
            },
            Cancel);
        Delivery answer;
        do
        {
            answer = await replies.NextAsync();
        }
        while (answer.Message.Type != StreamMessageKinds.End);

        broker.CloseConnection(broker.Connections.First(static open => open.Peer.Name.EndsWith("(streams)", StringComparison.Ordinal)), TransportClosure.ByBroker(320, "closed by the test"));

        Delivery told = await replies.NextAsync();
        Assert.Equal((WireNames.Fault, null, "0000000000000007"), (told.Message.Type, told.Message.ReplyTo, told.Message.CorrelationId));
        Assert.Equal(FaultCodes.Interrupted, FaultReader.ReadCode(Encoding.UTF8.GetBytes(told.Text)));
    }
}
