namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>The system's time, with a clock that is off and can be set during a run.</summary>
internal sealed class OffClock(TimeSpan offset) : TimeProvider
{
    private long _ticks = offset.Ticks;

    public TimeSpan Offset
    {
        get => new(Volatile.Read(ref _ticks));
        set => Volatile.Write(ref _ticks, value.Ticks);
    }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Offset;
}
