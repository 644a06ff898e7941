using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class PublisherConfirmsTests
{
    private readonly PublisherConfirms _confirms = new();

    [Fact]
    public async Task A_confirm_completes_its_message_alone()
    {
        Task<PublishOutcome> one = _confirms.Add(1, 0), two = _confirms.Add(2, 0), three = _confirms.Add(3, 0);

        _confirms.Complete(2, multiple: false, PublishResult.Confirmed);
        Assert.Equal(new PublishOutcome(PublishResult.Confirmed), await Soon(two));
        Assert.False(one.IsCompleted);
        Assert.False(three.IsCompleted);

        _confirms.Complete(1, multiple: false, PublishResult.Refused);
        Assert.Equal(new PublishOutcome(PublishResult.Refused), await Soon(one));
    }

    [Fact]
    public async Task A_multiple_confirm_completes_all_earlier_messages()
    {
        Task<PublishOutcome>[] messages = [.. Enumerable.Range(1, 5).Select(i => _confirms.Add((ulong)i, 0))];
        _confirms.Complete(2, multiple: false, PublishResult.Refused);

        _confirms.Complete(3, multiple: true, PublishResult.Confirmed);

        Assert.Equal(
            [PublishResult.Confirmed, PublishResult.Refused, PublishResult.Confirmed],
            (await Task.WhenAll(messages[..3]).WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken)).Select(outcome => outcome.Result));
        Assert.False(messages[3].IsCompleted);
        Assert.False(messages[4].IsCompleted);

        _confirms.Complete(5, multiple: true, PublishResult.Confirmed);
        Assert.Equal(PublishResult.Confirmed, (await Soon(messages[3])).Result);
        Assert.Equal(PublishResult.Confirmed, (await Soon(messages[4])).Result);
    }

    [Fact]
    public async Task A_returned_message_stays_returned_when_it_is_confirmed()
    {
        Task<PublishOutcome> message = _confirms.Add(1, 0xab);
        Task<PublishOutcome> other = _confirms.Add(2, 0xcd);

        _confirms.Return("00000000000000ab", "312 NO_ROUTE");
        Assert.Equal(new PublishOutcome(PublishResult.Returned, "312 NO_ROUTE"), await Soon(message));
        Assert.False(other.IsCompleted);

        _confirms.Complete(1, multiple: false, PublishResult.Confirmed);
        Assert.Equal(PublishResult.Returned, (await Soon(message)).Result);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("text")]
    [InlineData("00000000000000ff")]
    [InlineData("0000000000000000")]
    public void A_return_of_another_message_changes_nothing(string? correlationId)
    {
        Task<PublishOutcome> message = _confirms.Add(1, 0xab);
        Task<PublishOutcome> notMandatory = _confirms.Add(2, 0);

        _confirms.Return(correlationId, "312 NO_ROUTE");

        Assert.False(message.IsCompleted);
        Assert.False(notMandatory.IsCompleted);
    }

    [Fact]
    public async Task The_number_and_the_id_of_a_message_that_was_not_sent_are_used_again()
    {
        Task<PublishOutcome> failed = _confirms.Add(1, 0xab);
        _confirms.Remove(1);

        Task<PublishOutcome> next = _confirms.Add(1, 0xcd);
        _confirms.Return("00000000000000ab", "312 NO_ROUTE");
        Assert.False(next.IsCompleted);
        _confirms.Complete(1, multiple: false, PublishResult.Confirmed);

        Assert.Equal(PublishResult.Confirmed, (await Soon(next)).Result);
        Assert.False(failed.IsCompleted);
    }

    [Fact]
    public void The_id_of_a_confirmed_message_is_forgotten()
    {
        _confirms.Add(1, 0xab);
        _confirms.Complete(1, multiple: false, PublishResult.Confirmed);

        _confirms.Return("00000000000000ab", "312 NO_ROUTE"); // would look for message 1
        Task<PublishOutcome> next = _confirms.Add(2, 0xab);
        Assert.False(next.IsCompleted);
    }

    [Fact]
    public void A_confirm_of_an_unknown_message_changes_nothing()
    {
        Task<PublishOutcome> message = _confirms.Add(2, 0);

        _confirms.Complete(1, multiple: true, PublishResult.Confirmed);
        _confirms.Complete(7, multiple: false, PublishResult.Confirmed);
        _confirms.Remove(9);

        Assert.False(message.IsCompleted);
    }

    [Fact]
    public async Task The_end_of_the_channel_fails_what_is_pending_and_what_follows()
    {
        Task<PublishOutcome> confirmed = _confirms.Add(1, 0), pending = _confirms.Add(2, 0xab), returned = _confirms.Add(3, 0xcd);
        _confirms.Complete(1, multiple: false, PublishResult.Confirmed);
        _confirms.Return("00000000000000cd", "312 NO_ROUTE");
        int created = 0;

        _confirms.Close(() => new InvalidOperationException($"closed {++created}"));
        Task<PublishOutcome> later = _confirms.Add(4, 0xef);
        _confirms.Complete(2, multiple: true, PublishResult.Confirmed);
        _confirms.Return("00000000000000ab", "312 NO_ROUTE");

        Assert.Equal(PublishResult.Confirmed, (await Soon(confirmed)).Result);
        Assert.Equal(PublishResult.Returned, (await Soon(returned)).Result);
        Exception first = await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(pending));
        Exception second = await Assert.ThrowsAsync<InvalidOperationException>(() => Soon(later));
        Assert.NotSame(first, second); // an exception is thrown once
    }

    private static Task<PublishOutcome> Soon(Task<PublishOutcome> task) => task.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken);
}
