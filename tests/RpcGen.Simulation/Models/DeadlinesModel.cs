using RpcGen.Server.Running;
using RpcGen.Simulation.Preempting;

namespace RpcGen.Simulation.Models;

/// <summary>Two calls whose deadlines get one timer, which fires meanwhile: none of them must be forgotten.</summary>
internal sealed class DeadlinesModel : Model
{
    private readonly EarliestDeadline _timer;
    private readonly long[] _deadlines = [long.MaxValue, long.MaxValue];
    private readonly bool[] _areDue = new bool[2];

    public DeadlinesModel() => _timer = new EarliestDeadline(Time, Fire);

    public override IReadOnlyList<Action> Threads => [() => Watch(0), () => Watch(1), () => Time.Pass(TimeSpan.TicksPerSecond)];

    public override void Check() => Must(_areDue[0] && _areDue[1], $"a deadline was forgotten ({_areDue[0]}, {_areDue[1]})");

    private void Watch(int number)
    {
        Preemption.Point();
        Volatile.Write(ref _deadlines[number], Time.GetTimestamp() + (number + 1) * TimeSpan.TicksPerMillisecond);
        _timer.Watch(_deadlines[number]);
    }

    private long Fire(long now)
    {
        long next = long.MaxValue;
        for (int number = 0; number < _deadlines.Length; number++)
        {
            Preemption.Point();
            long deadline = Volatile.Read(ref _deadlines[number]);
            if (deadline <= now)
            {
                _areDue[number] = true;
                _deadlines[number] = long.MaxValue;
            }
            else
            {
                next = Math.Min(next, deadline);
            }
        }

        return next;
    }
}
