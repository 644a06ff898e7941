using System.Runtime.InteropServices;

namespace RpcGen.Benchmarks.Surroundings;

/// <summary>Reads the CPU time of a process with nanosecond resolution. /proc/PID/stat counts in ticks of 10 ms.</summary>
internal static class ProcessClock
{
    /// <summary>The CPU time of all threads of a process on this machine, without its ended child processes.</summary>
    public static TimeSpan Read(int processId)
    {
        // CPUCLOCK_SCHED of a process, computed like clock_getcpuclockid(3).
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
