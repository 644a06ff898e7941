using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task A_new_connection_is_open_and_not_blocked()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);

        Assert.Null(connection.BlockedReason);
        Assert.False(connection.Closed.IsCompleted);
        Assert.False(channel.Closed.IsCompleted);
        Assert.NotEmpty(Transport.Address);
    }

    [Fact]
    public async Task A_channel_closes_alone()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using ITransportChannel sibling = await connection.OpenChannelAsync(Cancel);

        await channel.DisposeAsync();

        Assert.NotEmpty((await ClosureOfAsync(channel)).Reason);
        await DeclareQueueAsync(sibling, QueueKind.Exclusive);
        Assert.False(connection.Closed.IsCompleted);
    }

    [Fact]
    public async Task A_connection_closes_with_its_channels()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);

        await connection.DisposeAsync();

        Assert.NotEmpty((await ClosureOfAsync(connection)).Reason);
        Assert.NotEmpty((await ClosureOfAsync(channel)).Reason);
        await channel.DisposeAsync();
    }

    [Fact]
    public async Task Disposing_again_does_nothing()
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);

        await Task.WhenAll(channel.DisposeAsync().AsTask(), channel.DisposeAsync().AsTask());
        await channel.DisposeAsync();
        await Task.WhenAll(connection.DisposeAsync().AsTask(), connection.DisposeAsync().AsTask());
        await connection.DisposeAsync();
        await channel.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_is_closed_sends_nothing_and_says_so(bool closesConnection)
    {
        ITransportConnection connection = await ConnectAsync();
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        string queue = await DeclareQueueAsync(channel, QueueKind.Exclusive);
        await (closesConnection ? connection.DisposeAsync() : channel.DisposeAsync());

        Func<Task>[] uses =
        [
            async () => await channel.PublishAsync(ToQueue(queue), Cancel),
            async () => await channel.AckAsync(1, multiple: false, Cancel),
            async () => await channel.RequeueAsync(1, Cancel),
            () => channel.DeclareQueueAsync(new QueueDeclaration(queue, QueueKind.Exclusive), Cancel),
            () => channel.InspectQueueAsync(queue, Cancel),
            () => channel.BindFanoutAsync(NewName(), queue, Cancel),
            () => channel.ConsumeAsync(queue, 1, new RecordingConsumer(), Cancel),
            () => channel.CancelConsumerAsync("c", Cancel),
        ];
        foreach (Func<Task> use in closesConnection ? [.. uses, () => connection.OpenChannelAsync(Cancel)] : uses)
        {
            TransportClosedException closed = await Assert.ThrowsAsync<TransportClosedException>(use);
            Assert.True(closed.NothingSent);
        }
    }

    [Fact]
    public async Task Under_load_nothing_is_lost_and_nothing_is_doubled()
    {
        const int Publishers = 3;
        const int Consumers = 4;
        const int MessagesEach = 1_000;
        await using ITransportChannel channel = await OpenChannelAsync();
        string queue = await DeclareQueueAsync(channel);
        var outcome = new Tally(Publishers * MessagesEach);
        ITransportConnection[] connections = [await ConnectAsync(), await ConnectAsync()];
        for (int i = 0; i < Consumers; i++)
        {
            ITransportChannel consuming = await connections[i % connections.Length].OpenChannelAsync(Cancel);
            await consuming.ConsumeAsync(queue, 16, new RecordingConsumer(delivery => Handle(consuming, delivery)), Cancel);
        }

        await Task.WhenAll(Enumerable.Range(0, Publishers).Select(publisher => Task.Run(async () =>
        {
            await using ITransportChannel publishing = await connections[publisher % connections.Length].OpenChannelAsync(Cancel);
            await PublishAsync(publishing, queue, [.. Enumerable.Range(publisher * MessagesEach, MessagesEach).Select(i => $"{i}")]);
            await UntilAsync(publishing, queue, ready: 0, Consumers);
        })));

        await outcome.Complete.WaitAsync(Bounds.Soon, Cancel);
        await UntilAsync(channel, queue, ready: 0, Consumers);
        Assert.All(outcome.Counts, count => Assert.Equal(1, count));

        // Every seventh goes back once, the others are done.
        void Handle(ITransportChannel consuming, Delivery delivery)
        {
            int number = int.Parse(delivery.Text, System.Globalization.CultureInfo.InvariantCulture);
            if (number % 7 == 0 && !delivery.Message.IsRedelivered)
            {
                _ = consuming.RequeueAsync(delivery.Tag, Cancel).AsTask();
            }
            else
            {
                outcome.Count(number);
                _ = consuming.AckAsync(delivery.Tag, multiple: false, Cancel).AsTask();
            }
        }
    }

    private sealed class Tally(int total)
    {
        private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _left = total;

        public int[] Counts { get; } = new int[total];

        public Task Complete => _complete.Task;

        public void Count(int number)
        {
            Interlocked.Increment(ref Counts[number]);
            if (Interlocked.Decrement(ref _left) == 0)
            {
                _complete.SetResult();
            }
        }
    }
}
