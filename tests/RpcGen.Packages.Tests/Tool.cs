using System.Diagnostics;
using System.Text;

namespace RpcGen.Packages.Tests;

/// <summary>Runs slow tools: the compiler, the packer, the linker.</summary>
internal static class Tool
{
    /// <summary>A tool that takes longer hangs.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromMinutes(10);

    /// <summary>Runs a program in a folder until it exits. It leaves no build server running.</summary>
    public static async Task<ToolOutcome> RunAsync(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment =
            {
                ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
                ["DOTNET_NOLOGO"] = "1",
                ["MSBUILDDISABLENODEREUSE"] = "1",
                ["UseSharedCompilation"] = "false",
            },
        };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = new StringBuilder();
        process.OutputDataReceived += Append;
        process.ErrorDataReceived += Append;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bound.CancelAfter(Bound);
        try
        {
            await process.WaitForExitAsync(bound.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        lock (output)
        {
            return new ToolOutcome($"{program} {string.Join(' ', arguments)}", process.ExitCode, output.ToString());
        }

        void Append(object sender, DataReceivedEventArgs line)
        {
            lock (output)
            {
                output.Append(line.Data).Append(line.Data is null ? "" : "\n");
            }
        }
    }
}

/// <summary>The exit code and output of a tool.</summary>
internal sealed record ToolOutcome(string Command, int ExitCode, string Output)
{
    public ToolOutcome AssertSuccess()
    {
        Assert.True(ExitCode == 0, $"'{Command}' failed:\n{Output}");
        return this;
    }

    /// <summary>Asserts failure with this error code only.</summary>
    public void AssertError(string code, params string[] fragments)
    {
        string[] errors = [.. Output.Split('\n').Where(line => line.Contains(": error ", StringComparison.Ordinal)).Distinct()];
        Assert.NotEqual(0, ExitCode);
        Assert.True(errors.Length > 0, Output);
        Assert.All(errors, error => Assert.Contains($": error {code}: ", error, StringComparison.Ordinal));
        Assert.All(fragments, fragment => Assert.Contains(fragment, errors[0], StringComparison.Ordinal));
    }
}
