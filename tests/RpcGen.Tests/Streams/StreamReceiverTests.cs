using RpcGen.Generated;
using RpcGen.Serialization;
using RpcGen.Streams;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>The shell of the receiving side: what interruptions leave, and who is told.</summary>
public sealed class StreamReceiverTests : IStreamReceiverOwner
{
    private readonly StreamBudget _budget = new(64 << 20);
    private readonly List<string> _said = [];

    [Fact]
    public async Task Messages_are_read_item_by_item_until_the_end()
    {
        StreamReceiver<int> receiver = Create();
        receiver.OnMessage(0, "[1,2]"u8, isLast: false);
        receiver.OnMessage(2, "[3]"u8, isLast: true);

        Assert.Equal([1, 2, 3], await ReadAsync(receiver));

        Assert.Equal((0, 3), (_budget.Used, receiver.TakenItems));
        Assert.Equal(["closed"], _said);
    }

    [Fact]
    public async Task An_interrupted_stream_gives_its_window_back_though_nobody_reads_again()
    {
        StreamReceiver<int> receiver = Create();
        receiver.OnMessage(0, "[1,2]"u8, isLast: false);
        Assert.True(await receiver.MoveNextAsync());
        receiver.OnMessage(2, "[3]"u8, isLast: false);

        receiver.Interrupt(new InvalidDataException("over"));

        Assert.Equal(0, _budget.Used);
        Assert.Equal(["cancel"], _said);
        receiver.OnMessage(3, "[4]"u8, isLast: true); // comes too late
        await Assert.ThrowsAsync<InvalidDataException>(() => receiver.MoveNextAsync().AsTask());
        Assert.False(await receiver.MoveNextAsync());
        receiver.Dispose();
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public async Task A_cancellation_leaves_a_stream_that_has_ended_to_be_read()
    {
        StreamReceiver<int> receiver = Create();
        receiver.OnMessage(0, "[1]"u8, isLast: false);
        receiver.OnEnded(() => new InvalidDataException("broken"), number: 1);

        receiver.InterruptIfOpen(new OperationCanceledException());

        Assert.True(await receiver.MoveNextAsync());
        await Assert.ThrowsAsync<InvalidDataException>(() => receiver.MoveNextAsync().AsTask());
        Assert.Equal(0, _budget.Used);
    }

    [Fact]
    public async Task A_cancellation_ends_a_stream_that_is_open()
    {
        StreamReceiver<int> receiver = Create();
        Task<bool> next = receiver.MoveNextAsync().AsTask();

        receiver.InterruptIfOpen(new OperationCanceledException());

        await Assert.ThrowsAsync<OperationCanceledException>(() => next);
    }

    [Fact]
    public async Task Fewer_items_than_a_failure_names_are_a_loss()
    {
        StreamReceiver<int> receiver = Create();
        receiver.OnEnded(() => new InvalidDataException("broken"), number: 1);

        var lost = await Assert.ThrowsAsync<RpcProtocolException>(() => receiver.MoveNextAsync().AsTask());

        Assert.IsType<InvalidDataException>(lost.InnerException);
    }

    [Fact]
    public async Task Messages_of_bytes_are_pieces_that_count_their_length()
    {
        var receiver = new StreamReceiver<ReadOnlyMemory<byte>>(new RpcByteItems(RpcJsonFactory.Create([], new RpcContract("q"))), this, _budget, TimeProvider.System);
        receiver.OnMessage(0, "ab"u8, isLast: false);
        receiver.OnMessage(2, "c"u8, isLast: false);
        receiver.OnMessage(3, default, isLast: true);

        Assert.True(await receiver.MoveNextAsync());
        Assert.Equal("ab"u8, receiver.Current.Span);
        Assert.Equal(2, receiver.TakenItems);
        Assert.True(await receiver.MoveNextAsync());
        Assert.Equal("c"u8, receiver.Current.Span);
        Assert.False(await receiver.MoveNextAsync());
        Assert.Equal((0, 3), (_budget.Used, receiver.TakenItems));
        Assert.True(receiver.Current.IsEmpty); // its buffer is given back
    }

    [Fact]
    public async Task A_gap_between_bytes_is_a_loss()
    {
        var receiver = new StreamReceiver<ReadOnlyMemory<byte>>(new RpcByteItems(RpcJsonFactory.Create([], new RpcContract("q"))), this, _budget, TimeProvider.System);
        receiver.OnMessage(0, "ab"u8, isLast: false);
        receiver.OnMessage(3, "d"u8, isLast: true);

        Assert.True(await receiver.MoveNextAsync());
        var lost = await Assert.ThrowsAsync<RpcProtocolException>(() => receiver.MoveNextAsync().AsTask());
        Assert.Contains("byte 3 where byte 2", lost.Message, StringComparison.Ordinal);
    }

    void IStreamReceiverOwner.SendGrant(long bytes, long items) => _said.Add("grant");

    void IStreamReceiverOwner.SendCancel() => _said.Add("cancel");

    void IStreamReceiverOwner.OnClosed(Exception? failure) => _said.Add("closed");

    Exception IStreamReceiverOwner.BreaksProtocol(string reason, Exception? cause) => new RpcProtocolException(reason, cause);

    Exception IStreamReceiverOwner.IsIdle() => new RpcTimeoutException("idle");

    private static async Task<List<int>> ReadAsync(StreamReceiver<int> receiver)
    {
        var items = new List<int>();
        while (await receiver.MoveNextAsync())
        {
            items.Add(receiver.Current);
        }

        return items;
    }

    private StreamReceiver<int> Create() => new(new RpcItems<int>(RpcJsonFactory.Create([], new RpcContract("q"))), this, _budget, TimeProvider.System);
}
