using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class MethodCountersTests
{
    private const long Frequency = 1_000_000; // one tick is a microsecond

    private readonly MethodCounters _counters = new();

    [Fact]
    public void Outcomes_are_counted_apart()
    {
        Count(CallOutcome.Replied, hasRun: true, times: 1);
        Count(CallOutcome.Completed, hasRun: true, times: 2);
        Count(CallOutcome.Faulted, hasRun: true, times: 4);
        Count(CallOutcome.Rejected, hasRun: true, times: 8);
        Count(CallOutcome.Dropped, hasRun: true, times: 16);
        Count(CallOutcome.Faulted, hasRun: false, times: 32);
        Count(CallOutcome.Rejected, hasRun: false, times: 64);
        Count(CallOutcome.Dropped, hasRun: false, times: 128);

        Assert.Equal((3, 12, 16, 224, 0), Read());
    }

    [Theory]
    [InlineData(CallOutcome.Opened)]
    [InlineData(CallOutcome.SentBack)]
    [InlineData(CallOutcome.Replied)] // a question about the server
    public void What_is_no_call_is_not_counted(object outcome)
    {
        Count((CallOutcome)outcome, hasRun: false, times: 3);

        Assert.Equal((0, 0, 0, 0, 0), Read());
    }

    [Fact]
    public void Calls_without_outcome_are_in_flight()
    {
        _counters.Enter();
        _counters.Enter();
        Count(CallOutcome.Replied, hasRun: true, times: 1);

        Assert.Equal((1, 0, 0, 0, 2), Read());
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(249, 0)]
    [InlineData(250, 1)]
    [InlineData(499, 1)]
    [InlineData(500, 2)]
    [InlineData(999, 2)]
    [InlineData(1_000, 3)]
    [InlineData(1_048_575_999, 22)] // 0.25 ms × 2²²
    [InlineData(1_048_576_000, 23)]
    [InlineData(long.MaxValue, 23)]
    [InlineData(-1, 0)] // a clock that goes back
    public void Each_range_of_run_times_is_twice_as_long_as_the_one_before(long microseconds, int range)
    {
        _counters.Enter();
        _counters.Leave(CallOutcome.Replied, microseconds, Frequency);

        long[] durations = [.. Write().GetProperty("durations").EnumerateArray().Select(count => count.GetInt64())];
        Assert.Equal(range + 1, durations.Length);
        Assert.Equal((1, 1), (durations[range], durations.Sum()));
    }

    [Fact]
    public void A_clock_that_is_too_coarse_counts_in_its_own_ticks()
    {
        _counters.Enter();
        _counters.Leave(CallOutcome.Replied, 1, frequency: 64);

        Assert.Equal("[0,1]", Write().GetProperty("durations").GetRawText());
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        Count(CallOutcome.Replied, hasRun: true, times: 1);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Count(CallOutcome.Replied, hasRun: true, times: 1000);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void No_count_is_lost_between_threads()
    {
        Parallel.For(0, 4, _ => Count(CallOutcome.Faulted, hasRun: true, times: 10_000));

        Assert.Equal((0, 40_000, 0, 0, 0), Read());
    }

    private void Count(CallOutcome outcome, bool hasRun, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _counters.Enter();
            _counters.Leave(outcome, hasRun ? 10 : null, Frequency);
        }
    }

    private (long Answered, long Faulted, long Cancelled, long Refused, long InFlight) Read()
    {
        JsonElement counts = Write();
        return (Of("answered"), Of("faulted"), Of("cancelled"), Of("refused"), Of("inFlight"));

        long Of(string name) => counts.GetProperty(name).GetInt64();
    }

    private JsonElement Write()
    {
        var text = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(text);
        writer.WriteStartObject();
        _counters.Write(writer);
        writer.WriteEndObject();
        writer.Flush();
        JsonWriters.Return(writer);
        return JsonElement.Parse(text.Written.Span);
    }
}
