using RpcGen.Client.Calls;
using RpcGen.Client.Probing;
using RpcGen.Tests.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>The order of messages and confirms on the channel with publisher confirms, also while the socket is full.</summary>
public sealed class ConfirmedRequestChannelTests
{
    private readonly StubbornChannel _channel = new();
    private readonly List<ulong> _refused = [];
    private readonly ConfirmedRequestChannel _requests;

    public ConfirmedRequestChannelTests() => _requests = new ConfirmedRequestChannel(_channel, id => _refused.Add(id.Number), CancellationToken.None);

    [Fact]
    public void Confirms_and_refusals_find_their_messages()
    {
        Assert.All(PublishAll(11, 12, 13, 14), publishing => Assert.True(publishing.IsCompletedSuccessfully));
        Assert.Equal(ConfirmState.Unconfirmed, StateOf(12));

        _channel.Confirm(new PublishConfirm(1, IsMultiple: false, IsRefused: false));
        _channel.Confirm(new PublishConfirm(3, IsMultiple: true, IsRefused: true));

        Assert.Equal([12UL, 13UL], _refused);
        Assert.Equal([ConfirmState.Confirmed, ConfirmState.Unconfirmed], [StateOf(11), StateOf(14)]);
    }

    [Fact]
    public async Task Messages_behind_one_that_waits_for_the_socket_are_handed_over_after_it()
    {
        TaskCompletionSource room = _channel.Block();
        Task[] publishing = PublishAll(11, 12, 13);
        Assert.Equal([11UL], _channel.Published);
        Assert.All(publishing, each => Assert.False(each.IsCompleted));

        room.SetResult();

        await Task.WhenAll(publishing).WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        Assert.Equal([11UL, 12UL, 13UL], _channel.Published);
        _channel.Confirm(new PublishConfirm(2, IsMultiple: false, IsRefused: true));
        Assert.Equal([12UL], _refused);
    }

    [Fact]
    public async Task A_message_that_could_not_be_sent_has_no_number()
    {
        TaskCompletionSource room = _channel.Block();
        Task[] publishing = PublishAll(11, 12);

        room.SetException(new ArgumentException("too long"));

        await Assert.ThrowsAsync<ArgumentException>(() => publishing[0]);
        await publishing[1].WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
        _channel.Confirm(new PublishConfirm(1, IsMultiple: false, IsRefused: true));
        Assert.Equal([12UL], _refused);
    }

    [Fact]
    public void A_message_that_is_refused_at_once_has_no_number()
    {
        _channel.Failure = new ArgumentException("too long");
        Assert.Throws<ArgumentException>(() => PublishAll(11));
        _channel.Failure = null;
        PublishAll(12);

        _channel.Confirm(new PublishConfirm(1, IsMultiple: false, IsRefused: true));

        Assert.Equal([12UL], _refused);
    }

    [Fact]
    public void A_lane_that_has_ended_hears_nothing()
    {
        PublishAll(11);
        _requests.End();

        _channel.Confirm(new PublishConfirm(1, IsMultiple: false, IsRefused: true));

        Assert.Empty(_refused);
    }

    private Task[] PublishAll(params ulong[] ids) => [.. ids.Select(id => Publish(id).AsTask())];

    private ValueTask Publish(ulong id) => _requests.PublishAsync(new OutgoingMessage { Exchange = "", RoutingKey = "q", CorrelationId = new CorrelationId(id) });

    private ConfirmState StateOf(ulong id) => _requests.StateOf(new CorrelationId(id));

    /// <summary>A channel whose socket can be full.</summary>
    private sealed class StubbornChannel : IConfirmedChannel
    {
        private TaskCompletionSource? _room;

        public event Action<ReturnedMessage>? Returned
        {
            add { }
            remove { }
        }

        public event Action<PublishConfirm>? Confirmed;

        public List<ulong> Published { get; } = [];

        public Exception? Failure { get; set; }

        public Task<TransportClosure> Closed { get; } = new TaskCompletionSource<TransportClosure>().Task;

        /// <summary>The next message waits for room.</summary>
        public TaskCompletionSource Block() => _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Confirm(PublishConfirm confirm) => Confirmed?.Invoke(confirm);

        public ValueTask PublishAsync(in OutgoingMessage message, CancellationToken cancellationToken)
        {
            if (Failure is not null)
            {
                throw Failure;
            }

            Published.Add(message.CorrelationId.Number);
            TaskCompletionSource? room = _room;
            _room = null;
            return room is null ? default : new ValueTask(room.Task);
        }

        public ValueTask DisposeAsync() => default;
    }
}
