using System.Globalization;
using RpcGen.Chaos.History;

namespace RpcGen.Tests.Chaos;

/// <summary>The checks of the chaos runs find what they are for.</summary>
public sealed class HistoryChecksTests
{
    private const long Call = (7L << 32) | 1;

    private readonly HistoryReader _reader = new();
    private readonly Interruptions _interruptions = new();

    [Theory]
    [InlineData("S 0 Plain", "R 1", "A 2 =")]
    [InlineData("S 0 Plain", "R 1", "R 2", "A 3 =")] // delivered again
    [InlineData("S 0 OneWay", "A 1 =", "R 2")]
    [InlineData("S 0 AtMostOnce", "R 1", "F 2 RpcConnectionException Unknown lost")]
    [InlineData("S 0 AtMostOnce", "F 2 RpcUnavailableException NotStarted no queue")]
    [InlineData("S 0 Stream", "R 1", "A 9 =")] // a stream has no deadline as a whole
    [InlineData("S 0 Upload", "R 1", "A 9 =")]
    [InlineData("S 0 Long", "R 1", "A 9 =")] // the time limit of long calls
    [InlineData("S 0 Long", "R 1", "R 2", "A 9 =")]
    [InlineData("S 0 LongAtMostOnce", "R 1", "F 2 TaskCanceledException - the client ends")]
    public void A_kept_promise_is_no_violation(params string[] events) => Assert.Empty(Find(events));

    [Theory]
    [InlineData("has 0 outcomes", "S 0 Plain", "R 1")]
    [InlineData("has 2 outcomes", "S 0 Plain", "R 1", "A 2 =", "A 3 =")]
    [InlineData("ended after 7.0 s", "S 0 Plain", "R 1", "A 7 =")]
    [InlineData("ended after 7.0 s", "S 0 Plain", "F 7 RpcTimeoutException Unknown late")]
    [InlineData("got the answer 1", "S 0 Plain", "R 1", "A 2 1")]
    [InlineData("succeeded, but did not run", "S 0 Plain", "A 2 =")]
    [InlineData("succeeded, but did not run", "S 0 Plain", "A 2 =", "R 3")]
    [InlineData("succeeded, but did not run", "S 0 Durable", "A 2 =")]
    [InlineData("ran 2 times", "S 0 AtMostOnce", "R 1", "R 2", "A 3 =")]
    [InlineData("ran 2 times", "S 0 LongAtMostOnce", "R 1", "R 2", "A 3 =")]
    [InlineData("ended after 11.0 s", "S 0 Long", "R 1", "A 11 =")]
    [InlineData("failed with TaskCanceledException", "S 0 Upload", "R 1", "F 2 TaskCanceledException - cancelled")]
    [InlineData("failed with RpcRemoteException", "S 0 Upload", "R 1", "F 2 RpcRemoteException Started wrong item")]
    [InlineData("was reported as not started", "S 0 Plain", "R 1", "F 2 RpcUnavailableException NotStarted no queue")]
    [InlineData("was reported as started", "S 0 Plain", "F 2 RpcTimeoutException Started late")]
    [InlineData("failed with InvalidDataException", "S 0 Stream", "R 1", "F 2 InvalidDataException - wrong item")]
    [InlineData("failed with RpcAccessDeniedException", "S 0 Plain", "F 2 RpcAccessDeniedException NotStarted refused")]
    [InlineData("ran, but was not made", "R 1")]
    public void A_broken_promise_is_found(string violation, params string[] events) => Assert.StartsWith(violation, Assert.Single(Find(events)), StringComparison.Ordinal);

    [Fact]
    public void The_calls_of_a_killed_client_need_no_end()
    {
        _interruptions.Killed.Add(7);

        Assert.Empty(Find("S 0 Plain", "R 1"));
    }

    [Fact]
    public void A_client_that_was_stopped_has_more_time()
    {
        _interruptions.Freeze(7, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        _interruptions.Freeze(8, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(9));

        Assert.Empty(Find("S 0 Plain", "R 1", "A 8 ="));
        Assert.Equal(TimeSpan.FromSeconds(2), _interruptions.FrozenWithin(7, TimeSpan.Zero, TimeSpan.FromSeconds(3)));
    }

    [Theory]
    [InlineData("OneWay", 3, false, true)]
    [InlineData("OneWay", 3, true, true)]
    [InlineData("Durable", 3, false, true)]
    [InlineData("Durable", 3, true, false)]
    [InlineData("OneWay", 1, false, false)]
    public void A_confirmed_request_can_be_lost_with_its_queue_or_broker_later(string promise, int lostAt, bool isBroker, bool isExcused)
    {
        (isBroker ? _interruptions.BrokerLosses : _interruptions.QueueLosses).Add(TimeSpan.FromSeconds(lostAt));

        Assert.Equal(isExcused, Find($"S 2 {promise}", "A 2 =").Count == 0);
    }

    [Fact]
    public void Repeated_runs_are_no_violation_while_the_broker_does_not_mark_what_it_delivers_again()
    {
        _interruptions.HasLostRedeliveryMarks = true;

        Assert.Empty(Find("S 0 AtMostOnce", "R 1", "R 2", "A 3 ="));
    }

    [Fact]
    public void A_refusal_is_documented_while_permissions_are_taken()
    {
        _interruptions.HasTakenPermissions = true;

        Assert.Empty(Find("S 0 Plain", "F 2 RpcAccessDeniedException NotStarted refused"));
    }

    [Fact]
    public void The_last_line_of_a_killed_process_can_be_incomplete()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        string path = Path.Combine(folder, "client-7.history");
        using (var writer = new HistoryWriter(path))
        {
            writer.Start(Call, Promise.Plain);
            writer.Fail(Call, new RpcTimeoutException("no\nreply") { Execution = RpcExecution.Unknown });
        }

        File.AppendAllText(path, "R 12");
        _reader.Read(folder);
        File.AppendAllText(path, $"3 {Call} \n");
        _reader.Read(folder);

        CallHistory call = Assert.Single(_reader.Calls);
        Assert.Equal(("RpcTimeoutException", RpcExecution.Unknown, "no reply"), (call.Ends[0].Failure, call.Ends[0].Execution, call.Ends[0].Message));
        Assert.Equal([new TimeSpan(123)], call.Runs);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Finds the violations of events of the call: a kind, seconds, and the rest; <c>=</c> is its own answer.</summary>
    private List<string> Find(params string[] events)
    {
        foreach (string happened in events)
        {
            string[] parts = happened.Split(' ', 3);
            long at = TimeSpan.FromSeconds(int.Parse(parts[1], CultureInfo.InvariantCulture)).Ticks;
            string rest = parts.Length < 3 ? "" : parts[2] == "=" ? Call.ToString(CultureInfo.InvariantCulture) : parts[2];
            _reader.Add(string.Create(CultureInfo.InvariantCulture, $"{parts[0]} {at} {Call} {rest}"));
        }

        var checks = new HistoryChecks(_interruptions, timeout: TimeSpan.FromSeconds(5), longTimeout: TimeSpan.FromSeconds(9), slack: TimeSpan.FromSeconds(1));
        return [.. _reader.Calls.SelectMany(call => checks.All.SelectMany(check => check.Find(call)))];
    }
}
