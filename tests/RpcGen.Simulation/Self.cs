using System.Diagnostics;

namespace RpcGen.Simulation;

/// <summary>Runs this program in another process.</summary>
internal static class Self
{
    /// <summary>Runs the copy of this program in a folder.</summary>
    /// <returns>Its exit code and what it wrote.</returns>
    public static (int Code, string Output) Run(string folder, params IReadOnlyList<string> args)
    {
        using Process process = Start(folder, args, isRead: true);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }

    /// <summary>Runs the copy of this program in a folder, which writes where this one does. Returns its exit code.</summary>
    public static int Show(string folder, IReadOnlyList<string> args)
    {
        using Process process = Start(folder, args, isRead: false);
        process.WaitForExit();
        return process.ExitCode;
    }

    private static Process Start(string folder, IReadOnlyList<string> args, bool isRead)
    {
        string program = typeof(Self).Assembly.GetName().Name + ".dll";
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(folder, program), .. args]) { RedirectStandardOutput = isRead };
        return Process.Start(start) ?? throw new InvalidOperationException("The program could not be started again.");
    }
}
