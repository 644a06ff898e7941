using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class ServerCountersTests
{
    private readonly ServerCounters _counters = new();

    [Fact]
    public void Outcomes_are_counted_apart()
    {
        Count(CallOutcome.Replied, hasStarted: true, times: 1);
        Count(CallOutcome.Completed, hasStarted: true, times: 2);
        Count(CallOutcome.Faulted, hasStarted: true, times: 4);
        Count(CallOutcome.Rejected, hasStarted: true, times: 8);
        Count(CallOutcome.Dropped, hasStarted: true, times: 16);
        Count(CallOutcome.Faulted, hasStarted: false, times: 32);
        Count(CallOutcome.Rejected, hasStarted: false, times: 64);
        Count(CallOutcome.Dropped, hasStarted: false, times: 128);
        Count(CallOutcome.Opened, hasStarted: false, times: 256);
        Count(CallOutcome.Replied, hasStarted: false, times: 512);

        RpcServerCounters counters = Read();

        Assert.Equal((3L, 12L, 16L, 224L), (counters.Answered, counters.Faulted, counters.Cancelled, counters.Refused));
        Assert.Equal((0L, 255L), (counters.InFlight, counters.Started));
    }

    [Fact]
    public void Calls_without_outcome_are_in_flight_except_the_one_that_asks()
    {
        _counters.Enter();
        _counters.Enter();

        RpcServerCounters counters = Read();

        Assert.Equal((2L, 2L), (counters.InFlight, counters.Started));
    }

    [Fact]
    public void Nothing_is_counted_below_zero() => Assert.Equal((0L, 0L), (_counters.Read().InFlight, _counters.Read().Started));

    private RpcServerCounters Read()
    {
        _counters.Enter();
        return _counters.Read();
    }

    private void Count(CallOutcome outcome, bool hasStarted, int times)
    {
        for (int i = 0; i < times; i++)
        {
            _counters.Enter();
            _counters.Leave(outcome, hasStarted);
        }
    }
}
