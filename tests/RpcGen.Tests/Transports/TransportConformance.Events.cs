using System.Collections.Concurrent;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Transports;

public abstract partial class TransportConformance
{
    [Fact]
    public async Task Each_message_is_confirmed_or_refused_by_its_number()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using IConfirmedChannel confirmed = await connection.OpenConfirmedChannelAsync(Cancel);
        var events = new ConfirmEvents(confirmed);
        string queue = NewName();
        _queues.Add(queue);
        await DeclareSpecialQueueAsync(queue, maxLength: 2, deadLetterQueue: null);
        for (ulong number = 1; number <= 4; number++)
        {
            await confirmed.PublishAsync(ToQueue(queue, "x", isMandatory: true) with { CorrelationId = new CorrelationId(number) }, Cancel);
            await events.UntilAsync(settled: (int)number);
        }

        Assert.Equal([(1UL, false), (2UL, false), (3UL, true), (4UL, true)], events.Settled);
        await UntilAsync(channel, queue, ready: 2);
    }

    [Fact]
    public async Task Confirms_of_many_messages_can_be_gathered()
    {
        const int count = 500;
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        await using IConfirmedChannel confirmed = await connection.OpenConfirmedChannelAsync(Cancel);
        var events = new ConfirmEvents(confirmed);
        string queue = await DeclareQueueAsync(channel);

        for (int number = 0; number < count; number++)
        {
            await confirmed.PublishAsync(ToQueue(queue, "x", isMandatory: true), Cancel);
        }

        await events.UntilAsync(count);
        Assert.Equal(Enumerable.Range(1, count).Select(number => ((ulong)number, false)), events.Settled);
    }

    [Fact]
    public async Task A_message_is_returned_before_it_is_confirmed()
    {
        ITransportConnection connection = await ConnectAsync();
        await using IConfirmedChannel confirmed = await connection.OpenConfirmedChannelAsync(Cancel);
        var order = new ConcurrentQueue<string>();
        confirmed.Returned += message => order.Enqueue($"returned {message.CorrelationId}");
        confirmed.Confirmed += confirm => order.Enqueue($"confirmed {confirm.Number}");
        var events = new ConfirmEvents(confirmed); // its handler comes last: what is awaited is in order by then

        await confirmed.PublishAsync(ToQueue(NewName(), "x", isMandatory: true) with { CorrelationId = new CorrelationId(7) }, Cancel);
        await events.UntilAsync(1);

        Assert.Equal(["returned 0000000000000007", "confirmed 1"], order);
    }

    [Fact]
    public async Task A_missing_exchange_ends_the_confirmed_channel()
    {
        ITransportConnection connection = await ConnectAsync();
        await using ITransportChannel sibling = await connection.OpenChannelAsync(Cancel);
        await using IConfirmedChannel confirmed = await connection.OpenConfirmedChannelAsync(Cancel);

        await confirmed.PublishAsync(ToQueue("") with { Exchange = NewName() }, Cancel);

        TransportClosure closure = await confirmed.Closed.WaitAsync(Bounds.Soon, Cancel);
        Assert.Equal((AmqpReplyCodes.NotFound, true), (closure.ReplyCode, closure.IsPublishRefused));
        await Assert.ThrowsAsync<TransportClosedException>(async () => await confirmed.PublishAsync(ToQueue(NewName()), Cancel));
        Assert.False(sibling.Closed.IsCompleted);
    }

    /// <summary>Gathers what is confirmed and refused, each message once.</summary>
    private sealed class ConfirmEvents
    {
        private readonly SortedDictionary<ulong, bool> _settled = [];
        private ulong _oldest = 1;

        public ConfirmEvents(IConfirmedChannel channel) => channel.Confirmed += OnConfirmed;

        public (ulong Number, bool IsRefused)[] Settled
        {
            get
            {
                lock (_settled)
                {
                    return [.. _settled.Select(entry => (entry.Key, entry.Value))];
                }
            }
        }

        public async Task UntilAsync(int settled)
        {
            using var bound = new CancellationTokenSource(Bounds.Soon);
            while (Settled.Length < settled)
            {
                await Task.Delay(1, bound.Token);
            }
        }

        private void OnConfirmed(PublishConfirm confirm)
        {
            lock (_settled)
            {
                for (; confirm.IsMultiple && _oldest < confirm.Number; _oldest++)
                {
                    _settled.TryAdd(_oldest, confirm.IsRefused);
                }

                _settled.TryAdd(confirm.Number, confirm.IsRefused);
            }
        }
    }
}
