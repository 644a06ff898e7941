using RpcGen.Server.Acknowledging;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>How long requests waited, by clocks that are off and that are set. A request comes each 50 ms.</summary>
public sealed class QueueDelayTests
{
    private const string Ada = "rpc.cb.ada";
    private const string Bob = "rpc.cb.bob";
    private readonly TestServer _server = new();
    private readonly Dictionary<string, double> _clocks = [];
    private readonly QueueDelay _delay;

    public QueueDelayTests() => _delay = new QueueDelay("q", _server.Environment);

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(-8)]
    [InlineData(1e9)]
    public void A_wait_is_known_whatever_the_callers_clock_says(double off)
    {
        _clocks[Ada] = off;
        Note(Ada, waited: 0, foundCredit: true);

        Delivery last = FillQueue(Ada, seconds: 6);

        Assert.InRange(last.Waited.TotalSeconds, 4.5, 6.5);
        Assert.InRange(last.WaitedAtLeast.TotalSeconds, 1, 6);
    }

    [Theory]
    [InlineData(long.MaxValue, 1)]
    [InlineData(1, long.MaxValue)]
    [InlineData(long.MinValue, long.MaxValue)]
    [InlineData(253_402_300_799, 1)]
    [InlineData(1, 253_402_300_799)]
    public void Timestamps_that_are_no_times_do_no_harm(long first, long second)
    {
        foreach ((long timestamp, bool foundCredit) in new[] { (first, true), (second, false), (first, false), (second, false) })
        {
            Delivery delivery = _server.Begin(TestServer.Request(timestamp: timestamp, replyTo: Ada)).Delivery;
            delivery.FoundCredit = foundCredit;
            _delay.Note(delivery);
        }

        Delivery usual = Note(Bob, waited: 0, foundCredit: true);
        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (usual.Waited, usual.WaitedAtLeast));
    }

    [Fact]
    public void The_servers_own_clock_can_be_set()
    {
        var time = new SettableTime();
        var server = new TestServer(time);
        var delay = new QueueDelay("q", server.Environment);
        Delivery first = server.Begin(TestServer.Request(timestamp: 1_000, replyTo: Ada)).Delivery;
        first.FoundCredit = true;
        delay.Note(first);

        time.Off = TimeSpan.FromSeconds(8);
        Delivery second = server.Begin(TestServer.Request(timestamp: 1_000, replyTo: Ada)).Delivery;
        second.FoundCredit = false;
        delay.Note(second);

        Assert.Equal((TimeSpan.Zero, TimeSpan.Zero), (second.Waited, second.WaitedAtLeast));
    }

    [Theory]
    [InlineData(8)]
    [InlineData(-8)]
    [InlineData(-5)]
    public void A_clock_that_is_set_while_requests_wait_is_no_wait(double step)
    {
        Note(Ada, waited: 0, foundCredit: true);
        FillQueue(Ada, seconds: 1);

        _clocks[Ada] = step;
        for (int i = 0; i < 200; i++)
        {
            Delivery next = Next(Ada, waited: 1);
            Assert.InRange(next.Waited.TotalSeconds, 0, 2);
            Assert.Equal(TimeSpan.Zero, next.WaitedAtLeast);
        }
    }

    [Fact]
    public void A_new_caller_is_judged_by_the_queue_but_never_late()
    {
        Note(Ada, waited: 0, foundCredit: true);
        FillQueue(Ada, seconds: 6);

        Delivery fresh = Next(Bob, waited: 6);

        Assert.InRange(fresh.Waited.TotalSeconds, 4.5, 6.5);
        Assert.Equal(TimeSpan.Zero, fresh.WaitedAtLeast);
    }

    [Fact]
    public void A_clock_that_is_set_forward_does_not_hide_the_wait_of_others()
    {
        Note(Ada, waited: 0, foundCredit: true);
        Note(Bob, waited: 0, foundCredit: true);
        FillQueue(Ada, seconds: 12);

        _clocks[Bob] = 8;
        for (int i = 0; i < 200; i++)
        {
            Assert.InRange(Next(i % 10 == 0 ? Bob : Ada, waited: 12).Waited.TotalSeconds, i % 10 == 0 ? 3 : 9, 13);
        }
    }

    [Fact]
    public void A_request_that_the_broker_would_have_dropped_shows_that_a_clock_was_set()
    {
        Note(Ada, waited: 0, foundCredit: true);
        for (int i = 0; i < 3600; i++)
        {
            _server.Time.Advance(TimeSpan.FromSeconds(1));
            Delivery silent = _server.Begin(TestServer.Request(replyTo: Bob)).Delivery; // says nothing of the queue: it has no timestamp
            silent.FoundCredit = false;
            _delay.Note(silent);
        }

        _clocks[Ada] = -60;
        for (int i = 0; i < 20; i++)
        {
            Delivery next = Request(Ada, waited: 0, expiration: "5000");
            next.FoundCredit = false;
            _delay.Note(next);
            Assert.Equal((TimeSpan.Zero, true), (next.WaitedAtLeast, next.Waited < TimeSpan.FromSeconds(2)));
        }
    }

    /// <summary>Nobody waits, but one caller keeps the server busy and pretends to wait longer and longer, then for days.</summary>
    [Theory]
    [InlineData(12)]
    [InlineData(1e6)]
    public void A_caller_that_dates_its_requests_back_adds_little_to_the_wait_of_callers_whose_clock_is_known(double pretended)
    {
        const double busy = 12;
        Note(Ada, waited: 0, foundCredit: true);
        Note(Bob, waited: 0, foundCredit: true);

        for (int i = 0; i < 20 * busy; i++)
        {
            Next(Ada, Math.Min(i / 20.0, pretended));
            _clocks[Ada] = pretended > busy ? -pretended : 0;
            Delivery known = Request(Bob, waited: 0);
            known.FoundCredit = false;
            _delay.Note(known);
            Assert.Equal((TimeSpan.Zero, true), (known.WaitedAtLeast, known.Waited < TimeSpan.FromSeconds(2)));
        }

        Delivery unknown = Next("rpc.cb.eve", waited: 0);
        Assert.Equal((TimeSpan.Zero, true), (unknown.WaitedAtLeast, unknown.Waited < TimeSpan.FromSeconds(busy)));
        Assert.Equal(TimeSpan.Zero, Note(Bob, waited: 0, foundCredit: true).Waited);
        Assert.Equal(TimeSpan.Zero, Next("rpc.cb.eve", waited: 0).Waited);
    }

    [Fact]
    public void A_queue_that_was_emptied_has_no_delay()
    {
        Note(Ada, waited: 0, foundCredit: true);
        FillQueue(Ada, seconds: 6);

        Assert.Equal(TimeSpan.Zero, Note(Ada, waited: 0, foundCredit: true).Waited);
        Assert.Equal(TimeSpan.Zero, Next(Bob, waited: 0).Waited);
    }

    [Fact]
    public void Requests_that_waited_for_a_server_say_nothing_of_clocks()
    {
        Delivery old = Request(Ada, waited: 30);
        old.FoundCredit = true;
        old.WasWaiting = true;
        _delay.Note(old);
        Delivery again = Request(Bob, waited: 30, isRedelivered: true);
        again.FoundCredit = true;
        _delay.Note(again);

        Note(Ada, waited: 0, foundCredit: true);
        Note(Bob, waited: 0, foundCredit: true);
        FillQueue(Ada, seconds: 6);
        Assert.InRange(Next(Bob, waited: 6).WaitedAtLeast.TotalSeconds, 1, 6);
    }

    [Fact]
    public void Urgent_requests_are_judged_by_urgent_ones()
    {
        Note(Ada, waited: 0, foundCredit: true);
        FillQueue(Ada, seconds: 6);

        Assert.Equal(TimeSpan.Zero, Next(Ada, waited: 0, priority: 9).Waited);
        Assert.InRange(Next(Ada, waited: 6).Waited.TotalSeconds, 4.5, 6.5);
    }

    [Theory]
    [InlineData(-8, "8 s behind")]
    [InlineData(8, "8 s ahead of")]
    public void A_clock_that_is_off_is_named_once_an_hour(double off, string expected)
    {
        _clocks[Ada] = off;
        NoteFor(Ada, seconds: 3500);
        Assert.Single(_server.Log.Ids, 61);
        Assert.Contains(expected, _server.Log.Text(61), StringComparison.Ordinal);

        NoteFor(Ada, seconds: 200);
        Assert.Equal(2, _server.Log.Ids.Count);
    }

    [Fact]
    public void Clocks_that_differ_little_and_requests_that_were_held_up_are_not_named()
    {
        _clocks[Ada] = -4;
        NoteFor(Ada, seconds: 60);
        for (int i = 0; i < 50; i++)
        {
            Note(Bob, waited: 20, foundCredit: true); // all come at one moment, after the network was away
        }

        NoteFor(Bob, seconds: 60);
        Assert.Empty(_server.Log.Ids);
    }

    [Fact]
    public void Callers_that_invent_addresses_cannot_fill_log_or_memory()
    {
        for (int i = 0; i < 2 * CallerClocks.MaxCallers; i++)
        {
            _clocks[$"rpc.cb.{i}"] = 60;
            Note($"rpc.cb.{i}", waited: 0, foundCredit: true);
            _server.Time.Advance(TimeSpan.FromSeconds(1));
            Note($"rpc.cb.{i}", waited: 0, foundCredit: true);
        }

        Assert.InRange(_server.Log.Ids.Count, 1, 1 + (2 * CallerClocks.MaxCallers / 10));
    }

    private void NoteFor(string caller, int seconds)
    {
        for (int i = 0; i < seconds; i++)
        {
            Note(caller, waited: 0, foundCredit: true);
            _server.Time.Advance(TimeSpan.FromSeconds(1));
        }
    }

    /// <summary>The wait of requests grows in real time, then stays.</summary>
    private Delivery FillQueue(string caller, double seconds)
    {
        Delivery last = null!;
        for (int i = 0; i < (20 * seconds) + 40; i++)
        {
            last = Next(caller, Math.Min(i / 20.0, seconds));
        }

        return last;
    }

    private Delivery Next(string caller, double waited, byte priority = 0)
    {
        _server.Time.Advance(TimeSpan.FromMilliseconds(50));
        return Note(caller, waited, foundCredit: false, priority);
    }

    private Delivery Note(string caller, double waited, bool foundCredit, byte priority = 0)
    {
        Delivery delivery = Request(caller, waited, priority: priority);
        delivery.FoundCredit = foundCredit;
        _delay.Note(delivery);
        return delivery;
    }

    private Delivery Request(string caller, double waited, bool isRedelivered = false, byte priority = 0, string? expiration = null)
    {
        long timestamp = _server.Time.GetUtcNow().AddSeconds(_clocks.GetValueOrDefault(caller) - waited).ToUnixTimeSeconds();
        return _server.Begin(TestServer.Request(timestamp: timestamp, replyTo: caller, isRedelivered: isRedelivered, priority: priority, expiration: expiration)).Delivery;
    }

    /// <summary>A clock that can be set; durations do not notice.</summary>
    private sealed class SettableTime() : Microsoft.Extensions.Time.Testing.FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
        public TimeSpan Off { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Off;

        public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
    }
}
