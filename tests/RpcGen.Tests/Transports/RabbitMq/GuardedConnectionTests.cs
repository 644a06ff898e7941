using RpcGen.Tests.Support;
using RpcGen.Transport.RabbitMq;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>The client library's own connection above the guard, and a broker that sends hostile frames.</summary>
public sealed class GuardedConnectionTests : FakeBrokerTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Hostile_headers_reach_the_consumer_as_unreadable(bool tls)
    {
        ConsumingClient client = await ConsumeAsync(tls);
        byte[] good = Properties(Table(Entry("a", Text("b"))));
        byte[][] hostile =
        [
            Properties(Table(Entry("deep", NestedTables(18_000)))),
            Properties(Table(Entry("deep", NestedArrays(25_000)))),
            Properties(Table(Entry("scale", Decimal(30)))),
            Properties(Table(Entry("inner", [(byte)'F', .. Table(Entry("scale", Decimal(255)))]))),
        ];

        foreach (byte[] properties in hostile)
        {
            await client.Broker.SendAsync(new byte[][] { Message(1, good, "before"u8.ToArray()), Message(2, properties, "hostile"u8.ToArray()), Message(3, good, "after"u8.ToArray()) }
                .SelectMany(frame => frame).ToArray(), Cancel);
            Delivery[] deliveries = await client.Consumer.NextAsync(3);

            Assert.Equal(["before", "hostile", "after"], deliveries.Select(delivery => delivery.Text));
            Assert.Equal([false, true, false], deliveries.Select(delivery => delivery.Message.IsUnreadable));
            Assert.Equal(["a"], deliveries[0].Message.Headers!.Keys);
            Assert.Null(deliveries[1].Message.Headers);
            Assert.Equal(("id", "reply"), (deliveries[1].Message.CorrelationId, deliveries[1].Message.ReplyTo));
        }

        Assert.False(client.Connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_header_without_a_name_counts_as_unreadable()
    {
        ConsumingClient client = await ConsumeAsync(tls: false);

        await client.Broker.SendAsync(Message(1, Properties(Table(Entry("", Text("b")))), []), Cancel);

        Assert.True((await client.Consumer.NextAsync()).Message.IsUnreadable);
    }

    [Fact]
    public async Task A_message_that_is_larger_than_the_library_takes_arrives_without_its_body()
    {
        ConsumingClient client = await ConsumeAsync(tls: false);
        byte[] properties = Properties(Table(Entry("a", Text("b"))));
        const int size = FrameGuard.MaxBodyBytes + 1;

        await client.Broker.SendAsync(new byte[][] { Deliver(1), HeaderFrame(properties, size) }.SelectMany(frame => frame).ToArray(), Cancel);
        byte[] piece = Frame(Body, 1, new byte[1024 * 1024]);
        for (int sent = 0; sent < FrameGuard.MaxBodyBytes; sent += 1024 * 1024)
        {
            await client.Broker.SendAsync(piece, Cancel);
        }

        await client.Broker.SendAsync(new byte[][] { Frame(Body, 1, [1]), Message(2, properties, "next"u8.ToArray()) }.SelectMany(frame => frame).ToArray(), Cancel);

        Delivery[] deliveries = await client.Consumer.NextAsync(2);
        Assert.Equal([(true, ""), (false, "next")], deliveries.Select(delivery => (delivery.Message.IsUnreadable, delivery.Text)));
        Assert.Equal("reply", deliveries[0].Message.ReplyTo);
    }

    [Theory]
    [InlineData(false, 10_000)]
    [InlineData(true, 2_000)]
    public async Task No_property_list_closes_the_connection(bool tls, int inputs)
    {
        var run = new FuzzRun(inputs);
        ConsumingClient client = await ConsumeAsync(tls);
        int sent = 0;
        Task sending = Task.Run(
            async () =>
            {
                for (int i = 0; i < run.Inputs; i++)
                {
                    var fuzz = new HeaderFuzz(run.Seed + i);
                    byte[] list = fuzz.Next();
                    bool isTooShortToChange = list.Length is > 2 and < 8;
                    if (!isTooShortToChange)
                    {
                        sent++;
                        int pieces = fuzz.NextSize(200) == 1 ? 50 : int.MaxValue;
                        await client.Broker.SendAsync(Message((ulong)sent, list, BitConverter.GetBytes(sent)), () => fuzz.NextSize(pieces), Cancel);
                    }
                }

                await client.Broker.SendAsync(Message((ulong)sent + 1, Properties(Table()), BitConverter.GetBytes(0)), Cancel);
            },
            Cancel);

        for (int expected = 1; ; expected++)
        {
            Delivery delivery = await client.Consumer.NextAsync().WaitAsync(Bounds.Soon, Cancel);
            int number = BitConverter.ToInt32(delivery.Body);
            if (number == 0)
            {
                Assert.Equal(sent, expected - 1);
                break;
            }

            Assert.Equal(expected, number);
        }

        await sending;
        Assert.False(client.Connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task Broken_frames_end_the_connection_and_nothing_else()
    {
        var run = new FuzzRun(inputs: 10);
        for (int i = 0; i < run.Inputs; i++)
        {
            int seed = run.Seed + i;
            ConsumingClient client = await ConsumeAsync(tls: false);
            try
            {
                await client.Broker.SendAsync(FrameGuardFuzzTests.BrokenStream(seed), Cancel);
            }
            catch (IOException)
            {
                // The client has closed already.
            }

            await client.Broker.CloseAsync();
            bool isClosed = await Task.WhenAny(client.Connection.Closed, Task.Delay(Bounds.Soon, Cancel)) == client.Connection.Closed;

            Assert.True(isClosed, FuzzRun.Replay(seed));
            await CloseAllAsync();
        }
    }

    [Fact]
    public async Task A_stream_that_ends_inside_a_frame_ends_the_connection_at_once()
    {
        ConsumingClient client = await ConsumeAsync(tls: false);

        await client.Broker.SendAsync(Deliver(1).AsMemory(0, 15), Cancel);
        await client.Broker.CloseAsync();

        await client.Connection.Closed.WaitAsync(Bounds.Soon, Cancel);
    }

    [Theory]
    [InlineData(26_000)]
    [InlineData(17)]
    public async Task A_broker_that_nests_its_properties_too_deep_is_not_connected_to(int levels)
    {
        FakeBroker broker = StartBroker(greeting: ConnectionStart(Table(Entry("capabilities", NestedArrays(levels)))));

        var exception = await Assert.ThrowsAsync<RpcConnectionException>(() => ConnectAsync(broker, configureTls: null, tls: false));

        Assert.Contains("the server properties in the broker's connection.start are unreadable", exception.Message, StringComparison.Ordinal);
    }
}
