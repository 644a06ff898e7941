using System.Runtime.InteropServices;

namespace RpcGen.Benchmarks.Surroundings;

/// <summary>How much CPU time a process has used, to the nanosecond: /proc/PID/stat counts in ticks of 10 ms.</summary>
internal static class ProcessClock
{
    /// <summary>CPU time of all threads of a process on this machine, its ended children left out.</summary>
    public static TimeSpan Read(int processId)
    {
        // CPUCLOCK_SCHED of a process: how clock_getcpuclockid(3) makes the number.
        int clock = (~processId << 3) | 2;
        return ClockGetTime(clock, out TimeSpec time) == 0
            ? TimeSpan.FromTicks((time.Seconds * TimeSpan.TicksPerSecond) + (time.Nanoseconds / TimeSpan.NanosecondsPerTick))
            : TimeSpan.Zero;
    }

    [DllImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int ClockGetTime(int clock, out TimeSpec time);

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
