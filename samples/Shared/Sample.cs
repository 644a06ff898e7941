using System.Runtime.InteropServices;

namespace RpcGen.Samples;

/// <summary>Code that all console samples share.</summary>
internal static class Sample
{
    /// <summary>Runs a program. A failure prints one line that says what to do, and returns exit code 1.</summary>
    public static async Task<int> RunAsync(Func<Task> program)
    {
        try
        {
            await program();
            return 0;
        }
        catch (Exception e) when (e is RpcException or UsageException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message.ReplaceLineEndings(" "));
            return 1;
        }
    }

    /// <summary>Prints <c>ready</c>, then waits for Ctrl+C (SIGINT) or SIGTERM. A second one ends the process at once.</summary>
    public static async Task RunUntilStoppedAsync()
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        Console.WriteLine("ready");
        await stopped.Task;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true; // the process has to finish its running calls first
            stopped.TrySetResult();
        }
    }
}
