using System.Diagnostics;

namespace RpcGen.Simulation;

/// <summary>Runs this program in another process.</summary>
internal static class Self
{
    /// <summary>Runs the copy of this program in a folder.</summary>
    /// <returns>Its exit code and what it wrote.</returns>
    public static (int Code, string Output) Run(string folder, params string[] args)
    {
        string program = typeof(Self).Assembly.GetName().Name + ".dll";
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [Path.Combine(folder, program), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = false,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("The program could not be started again.");
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
