using RpcGen.Client.Probing;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Probing;

public sealed class ReportTests
{
    private static readonly TimeoutReport Base = new("'Do' (call 1)", "q", "the broker", TimeSpan.FromMilliseconds(1500));

    [Theory]
    [InlineData(0.9, "queue 'q' has no consumer and 3 waiting messages")]
    [InlineData(61.9, "queue 'q' has had no consumer for at least 61 s, and has 3 waiting messages")]
    public void A_queue_without_consumers_says_for_how_long(double seconds, string expected) =>
        Assert.Equal(expected, (Report(true, true, 0, 3) with { UnservedFor = TimeSpan.FromSeconds(seconds) }).Describe("q"));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_call_to_the_own_service_is_told(bool isToOwnService)
    {
        string text = (Base with { Sent = SentState.Sent, IsInFlight = true, IsToOwnService = isToOwnService }).Describe();
        Assert.Equal(isToOwnService, text.EndsWith("A handler of the same service made the call, and holds a place until it has the reply: raise MaxConcurrentCalls above the depth of such calls, or call the implementation directly.", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(false, false, 0, 0, "the state of queue 'q' is unknown")]
    [InlineData(true, false, 0, 0, "queue 'q' does not exist")]
    [InlineData(true, true, 0, 1, "queue 'q' has no consumer and 1 waiting message")]
    [InlineData(true, true, 0, 2, "queue 'q' has no consumer and 2 waiting messages")]
    [InlineData(true, true, 1, 0, "queue 'q' has 1 consumer and 0 waiting messages")]
    [InlineData(true, true, 2, 1, "queue 'q' has 2 consumers and 1 waiting message")]
    public void A_queues_state_is_a_clause(bool isKnown, bool exists, uint consumers, uint ready, string clause) =>
        Assert.Equal(clause, Report(isKnown, exists, consumers, ready).Describe("q"));

    [Fact]
    public void A_request_that_was_not_sent_is_said_not_to_be()
    {
        Assert.Equal("'Do' (call 1) got no reply from queue 'q' on the broker within 1.5 s. The request was not sent.", Base.Describe());
        Assert.EndsWith("The request was not sent. There is no connection: torn.", (Base with { UnavailableReason = "torn", BlockedReason = "memory" }).Describe(), StringComparison.Ordinal);
        Assert.EndsWith("The request was not sent. The broker blocks publishers: memory.", (Base with { BlockedReason = "memory" }).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_was_lost_can_have_run()
    {
        string lost = (Base with { Sent = SentState.Lost }).Describe();
        Assert.EndsWith("and then the connection or its server was lost. No attempt was in flight at the deadline. The call may have run and may still run.", lost, StringComparison.Ordinal);
        string repeated = (Base with { Sent = SentState.Lost, IsInFlight = true }).Describe();
        Assert.EndsWith("was lost. Another attempt brought no reply. The call may have run and may still run. The state of queue 'q' is unknown.", repeated, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, false, 0, 0, "it may have run and may still run. The state of queue 'q' is unknown.")]
    [InlineData(true, false, 0, 0, "it may have run and may still run. Queue 'q' does not exist. It was deleted meanwhile, or its server has gone.")]
    [InlineData(true, true, 0, 0, "it may have run and may still run. Queue 'q' has no consumer and 0 waiting messages. No server is running: start one, or delete the queue if its service is retired.")]
    [InlineData(true, true, 0, 1, "The request was sent. Queue 'q' has no consumer and 1 waiting message. No server is running: start one, or delete the queue if its service is retired.")]
    [InlineData(true, true, 1, 1, "it may have run and may still run. Queue 'q' has 1 consumer and 1 waiting message. The servers do not keep up: start another one, or raise their MaxConcurrentCalls.")]
    [InlineData(true, true, 1, 0, "it may have run and may still run. Queue 'q' has 1 consumer and 0 waiting messages. The server was too slow, or it could not reply.")]
    public void A_request_in_flight_is_explained_by_its_queue(bool isKnown, bool exists, uint consumers, uint ready, string says)
    {
        string text = (Base with { Sent = SentState.Sent, IsInFlight = true, Queue = Report(isKnown, exists, consumers, ready) }).Describe();

        Assert.Contains(says, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(nameof(ConfirmState.NotAsked), "The request was sent: it may have run and may still run. Queue 'q' has 1 consumer and 0 waiting messages. The server was too slow, or it could not reply. A full queue that refuses messages (x-overflow=reject-publish) looks the same.")]
    [InlineData(nameof(ConfirmState.Unconfirmed), "The request was sent, but the broker has not confirmed it. It may have run and may still run. Queue 'q' has 1 consumer and 0 waiting messages. The node that hosts the queue can hang, or the other nodes cannot reach it.")]
    [InlineData(nameof(ConfirmState.Confirmed), "The broker has the request, and the server did not answer in time: it may have run and may still run. Queue 'q' has 1 consumer and 0 waiting messages. The server was too slow, or it could not reply.")]
    public void A_request_is_explained_by_what_the_broker_said(string state, string says)
    {
        var confirm = Enum.Parse<ConfirmState>(state);
        var report = Base with { Sent = SentState.Sent, IsInFlight = true, Confirm = confirm, Queue = Report(true, true, 1, 0) };

        Assert.EndsWith(says, report.Describe(), StringComparison.Ordinal);
        bool isExplained = (report with { HasQueueRefused = true }).Describe().EndsWith("it is full (x-overflow=reject-publish). Start another server, or raise the limit of the queue.", StringComparison.Ordinal);
        Assert.Equal(confirm == ConfirmState.NotAsked, isExplained);
    }

    [Fact]
    public void A_queue_that_cannot_be_reached_explains_the_timeout()
    {
        QueueReport queue = Report(true, false, 0, 0) with { Unreachable = "is on node 'n', which is down or cannot be reached" };

        Assert.Equal("queue 'q' is on node 'n', which is down or cannot be reached", queue.Describe("q"));
        Assert.EndsWith(
            "Queue 'q' is on node 'n', which is down or cannot be reached. Bring the node back. A quorum queue (RpcServerOptions.QueueType) continues without it.",
            (Base with { Sent = SentState.Sent, IsInFlight = true, Queue = queue }).Describe(),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_request_that_a_queue_without_consumers_has_did_not_run() =>
        Assert.Contains("The broker has the request. Queue 'q' has no consumer", (Base with { Sent = SentState.Sent, IsInFlight = true, Confirm = ConfirmState.Confirmed, Queue = Report(true, true, 0, 1) }).Describe(), StringComparison.Ordinal);

    [Fact]
    public void Without_a_connection_the_queue_explains_nothing()
    {
        string text = (Base with { Sent = SentState.Sent, IsInFlight = true, UnavailableReason = "torn", Queue = Report(true, true, 1, 0) }).Describe();

        Assert.EndsWith("it may have run and may still run. There is no connection: torn.", text, StringComparison.Ordinal);
        Assert.EndsWith("The state of queue 'q' is unknown.", (Base with { Sent = SentState.Sent, IsInFlight = true }).Describe(), StringComparison.Ordinal);
    }

    private static QueueReport Report(bool isKnown, bool exists, uint consumers, uint ready) => new(isKnown, exists, new QueueState(ready, consumers), At: 0);
}
