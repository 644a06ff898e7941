using System.Text;
using RpcGen.Server.Consuming;
using RpcGen.Transport;

namespace RpcGen.Tests.Server.Consuming;

public sealed class UndecodableMessageRecoveryTests : ITransportConsumer
{
    private static readonly TransportClosure Undecodable = new("undecodable") { IsUndecodableMessage = true };
    private readonly ScriptedChannel _channel = new();
    private readonly ListLog _log = new();
    private readonly UndecodableMessageRecovery _recovery;
    private readonly List<string> _received = [];

    public UndecodableMessageRecoveryTests() => _recovery = new UndecodableMessageRecovery("q", maxSuspects: 3, _log);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_an_ordinary_loss_nothing_is_taken()
    {
        await _recovery.TakeSuspectsAsync(_channel, last: null, Cancel).Soon();
        await _recovery.TakeSuspectsAsync(_channel, new TransportClosure("lost"), Cancel).Soon();

        Assert.Empty(_channel.Events);
        Assert.False(_recovery.IsUnderWay);
    }

    [Fact]
    public async Task As_many_are_taken_as_the_broker_would_deliver()
    {
        for (int i = 0; i < 5; i++)
        {
            _channel.Takeable.Enqueue(default);
        }

        await _recovery.TakeSuspectsAsync(_channel, Undecodable, Cancel).Soon();

        Assert.Equal(["take q", "take q", "take q"], _channel.Events);
        Assert.Equal([4], _log.Ids);
    }

    [Fact]
    public async Task An_empty_queue_ends_it()
    {
        _channel.Takeable.Enqueue(default);

        await _recovery.TakeSuspectsAsync(_channel, Undecodable, Cancel).Soon();

        Assert.Equal(2, _channel.Events.Count);
    }

    [Fact]
    public async Task What_was_taken_goes_to_the_link_that_lasts_with_a_body_of_its_own()
    {
        byte[] body = "abc"u8.ToArray();
        _channel.Takeable.Enqueue(new IncomingMessage { CorrelationId = "1", Body = body });
        _channel.Takeable.Enqueue(new IncomingMessage { CorrelationId = "2" });
        await _recovery.TakeSuspectsAsync(_channel, Undecodable, Cancel).Soon();
        body[0] = (byte)'x'; // the transport uses its buffer again

        _recovery.HandOver(this);
        _recovery.HandOver(this);

        Assert.Equal(["1 abc", "2 "], _received);
        _recovery.ReportLost();
        Assert.Equal([4], _log.Ids);
    }

    [Fact]
    public async Task It_goes_on_until_a_link_lasts()
    {
        _recovery.OnOpenFailed(new TransportClosedException(new TransportClosure("lost"), nothingSent: true));
        _recovery.OnOpenFailed(new InvalidOperationException());
        Assert.False(_recovery.IsUnderWay);
        _recovery.OnOpenFailed(new TransportClosedException(Undecodable, nothingSent: true));
        _recovery.OnOpenFailed(new TransportClosedException(new TransportClosure("lost"), nothingSent: true));
        Assert.True(_recovery.IsUnderWay);

        await _recovery.TakeSuspectsAsync(_channel, last: null, Cancel).Soon();
        Assert.Equal(["take q"], _channel.Events);
        _recovery.HandOver(this);

        Assert.False(_recovery.IsUnderWay);
        await _recovery.TakeSuspectsAsync(_channel, last: null, Cancel).Soon();
        Assert.Equal(["take q"], _channel.Events);
    }

    [Fact]
    public async Task What_no_link_could_run_is_reported_as_lost()
    {
        _channel.Takeable.Enqueue(default);
        _channel.Takeable.Enqueue(default);
        await _recovery.TakeSuspectsAsync(_channel, Undecodable, Cancel).Soon();

        _recovery.ReportLost();

        Assert.Equal([4, 50], _log.Ids);
        Assert.Contains("2 requests", _log.Text(50), StringComparison.Ordinal);
    }

    void ITransportConsumer.OnDelivered(in IncomingMessage message) => _received.Add($"{message.CorrelationId} {Encoding.UTF8.GetString(message.Body.Span)}");

    void ITransportConsumer.OnCancelledByBroker() => throw new NotSupportedException();
}
