using System.Globalization;

namespace RpcGen.Simulation;

/// <summary>Whether a seed gives the same history each time, in this process and in another one.</summary>
internal sealed class Replays(ScheduleRunner runner)
{
    private const int Seeds = 40;

    /// <summary>The hash of the histories of several seeds.</summary>
    public static ulong Hash(ScheduleRunner runner, ulong first, int count)
    {
        ulong hash = 0;
        for (int number = 0; number < count; number++)
        {
            hash = ulong.RotateLeft(hash, 5) ^ runner.Run(new Request(first + (ulong)number)).History.Hash;
        }

        return hash;
    }

    /// <summary>Runs the same seeds again.</summary>
    public void Run(Tally tally)
    {
        ulong once = Hash(runner, 1, Seeds);
        ulong again = Hash(runner, 1, Seeds);
        tally.Count(once == again, $"{Seeds} seeds give the same histories again");
        string elsewhere = runner.Watch.Elsewhere(() => Self.Run(AppContext.BaseDirectory, "--hash", "--schedules", Seeds.ToString(CultureInfo.InvariantCulture)).Output.Trim());
        tally.Count(elsewhere == once.ToString("x16", CultureInfo.InvariantCulture), $"{Seeds} seeds give the same histories in another process");
    }
}
