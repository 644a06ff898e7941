using RpcGen.Simulation.Scheduling;
using RpcGen.Simulation.Stage;

namespace RpcGen.Simulation.Streaming;

/// <summary>Makes what a plan has of streams and long calls. It is drawn after everything else.</summary>
internal sealed class StreamPlanner(SimRandom random, double busyMilliseconds, int queues, int clients)
{
    private static readonly double[] Pauses = [0, 0, 0, 0, 0.05, 3, 40];

    /// <summary>Long calls that work for long share the places of a server: so many can be waited for by a call with a long time limit.</summary>
    private int _slowCalls = 4;

    /// <summary>Those who make calls with streams.</summary>
    public StreamerPlan[] MakeStreamers()
    {
        var streamers = new StreamerPlan[random.Between(1, 5)];
        for (int number = 0; number < streamers.Length; number++)
        {
            var calls = new StreamPlan[random.Between(1, 4)];
            for (int call = 0; call < calls.Length; call++)
            {
                calls[call] = MakeStream(random.Pick(StreamShapes.All));
            }

            streamers[number] = new StreamerPlan(random.Below(clients), random.UpTo(busyMilliseconds), calls);
        }

        return streamers;
    }

    /// <summary>Those who make long calls.</summary>
    public CallerPlan[] MakeLongCallers()
    {
        var callers = new CallerPlan[random.Pick(0, 1, 2)];
        for (int number = 0; number < callers.Length; number++)
        {
            var calls = new CallPlan[random.Between(1, 3)];
            for (int call = 0; call < calls.Length; call++)
            {
                calls[call] = MakeLongCall(random.Pick(Promise.Long, Promise.Long, Promise.LongIdempotent, Promise.LongAtMostOnce, Promise.Plain, Promise.AtMostOnce));
            }

            callers[number] = new CallerPlan(random.Below(clients), random.UpTo(busyMilliseconds), calls);
        }

        return callers;
    }

    private StreamPlan MakeStream(StreamShape shape)
    {
        bool isPlain = random.Percent(50);
        SourcePlan source = MakeSource(shape, isPlain);
        return new StreamPlan
        {
            Shape = shape,
            Queue = !isPlain && random.Percent(4) ? queues : random.Below(queues),
            Timeout = isPlain || random.Percent(60) ? Planner.LongTimeout : TimeSpan.FromMilliseconds(random.Pick(1, 30, 400, 4_000)),
            Source = source,
            Pause = random.Percent(60) ? TimeSpan.Zero : random.UpTo(busyMilliseconds / 4),
            CancelAfter = source.End == SourceEnd.Hangs || (!isPlain && random.Percent(25)) ? random.UpTo(random.Pick(0.5, 20, 800)) : null,
            TakeAtMost = isPlain || random.Percent(65) ? null : random.Percent(25) ? 0 : random.Below(source.Count + 2),
            ReaderPause = isPlain || random.Percent(50) ? TimeSpan.Zero : random.UpTo(random.Pick(0.05, 3, 40)),
            HandlerEnd = isPlain || random.Percent(75) ? HandlerEnd.Answers : random.Pick(HandlerEnd.ThrowsDeclared, HandlerEnd.ThrowsOther),
        };
    }

    private SourcePlan MakeSource(StreamShape shape, bool isPlain) => new(
        shape.IsOfBytes() ? random.Pick(0, 1, 700, 5_000, 30_000) : random.Pick(0, 1, 2, 5, 12, 30),
        shape.IsOfBytes() ? random.Pick(100, 700, 20_000) : random.Pick(0, 5, 5, 300, 2_000),
        random.UpTo(random.Pick(Pauses)),
        isPlain || random.Percent(60) ? SourceEnd.Ends : random.Pick(SourceEnd.ThrowsDeclared, SourceEnd.ThrowsOther, SourceEnd.Hangs),
        random.Percent(80) ? TimeSpan.Zero : random.UpTo(20));

    private CallPlan MakeLongCall(Promise promise)
    {
        double work = random.Pick(0, 5, 300, 2_000, 8_000);
        if (work > 300 && --_slowCalls < 0)
        {
            work = 0;
        }

        bool isPlain = random.Percent(60);
        return new CallPlan
        {
            Promise = promise,
            Queue = random.Below(queues),
            Timeout = isPlain || random.Percent(50) ? Planner.LongTimeout : TimeSpan.FromMilliseconds(random.Pick(30, 400, 4_000, 9_000)),
            Pause = random.Percent(60) ? TimeSpan.Zero : random.UpTo(busyMilliseconds / 4),
            CancelAfter = isPlain || random.Percent(70) ? null : random.UpTo(random.Pick(20, 800, 9_000)),
            TextLength = random.Below(40),
            Work = random.UpTo(work),
            HeedsToken = random.Percent(70),
            End = isPlain || random.Percent(75) ? HandlerEnd.Answers : random.Pick(HandlerEnd.ThrowsDeclared, HandlerEnd.ThrowsOther, HandlerEnd.GivesUp),
        };
    }
}
