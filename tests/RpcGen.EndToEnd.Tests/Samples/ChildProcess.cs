using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>A child process of a test. Disposing it kills it.</summary>
public sealed class ChildProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _name;
    private readonly StringBuilder _output = new();
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private readonly Task<string> _errors;

    private ChildProcess(Process process, string name)
    {
        _process = process;
        _name = name;
        _reading = ReadAsync();
        _errors = process.StandardError.ReadToEndAsync();
    }

    /// <summary>Starts a program in the root of the repository.</summary>
    public static ChildProcess Start(string program, params string[] arguments)
    {
        // A background job of a shell ignores SIGINT, and so would its child processes.
        string[] command = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT", program, .. arguments] : [program, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            WorkingDirectory = Repository.Root,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ChildProcess(process, string.Join(' ', [Path.GetFileName(program), .. arguments.Select(Path.GetFileName)]));
    }

    /// <summary>Starts a server and waits until it prints "ready".</summary>
    public static async Task<ChildProcess> StartServerAsync(string program, params string[] arguments)
    {
        ChildProcess server = Start(program, arguments);
        await server._ready.Task.OrFail();
        if (!server._reading.IsCompleted)
        {
            return server;
        }

        Outcome outcome = await server.EndAsync();
        Assert.Fail($"'{server._name}' ended before it was ready: {outcome}");
        return server;
    }

    /// <summary>Runs a program until it exits.</summary>
    public static async Task<Outcome> RunAsync(string program, params string[] arguments)
    {
        await using ChildProcess process = Start(program, arguments);
        return await process.EndAsync();
    }

    /// <summary>Sends SIGINT, like Ctrl+C.</summary>
    public Task<Outcome> InterruptAsync() => SignalAsync(2);

    /// <summary>Sends SIGTERM, like service managers and containers.</summary>
    public Task<Outcome> TerminateAsync() => SignalAsync(15);

    /// <summary>Kills the process.</summary>
    public Task<Outcome> KillAsync() => SignalAsync(9);

    /// <summary>Stops the process until <see cref="Continue"/>: its connections stay open, and it does nothing.</summary>
    public void Stop() => Assert.Equal(0, SendSignal(_process.Id, 19));

    /// <summary>Lets a stopped process go on.</summary>
    public void Continue() => Assert.Equal(0, SendSignal(_process.Id, 18));

    /// <summary>Waits until the process has printed a line.</summary>
    public Task UntilPrintedAsync(string line) => Wait.UntilAsync(() => _lines.Contains(line), $"'{_name}' prints '{line}'");

    /// <summary>Waits until the process exits.</summary>
    public async Task<Outcome> EndAsync()
    {
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken).OrFail();
        await _reading.OrFail();
        return new Outcome(_process.ExitCode, _output.ToString(), await _errors.OrFail());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }

    private Task<Outcome> SignalAsync(int signal)
    {
        Assert.Equal(0, SendSignal(_process.Id, signal));
        return EndAsync();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _output.Append(line).Append('\n');
            _lines.Enqueue(line);
            if (line == "ready")
            {
                _ready.TrySetResult();
            }
        }

        _ready.TrySetResult();
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int SendSignal(int process, int signal);
}

/// <summary>The exit code and output of a program.</summary>
public sealed record Outcome(int ExitCode, string Output, string Errors)
{
    /// <summary>Asserts success, without output on standard error.</summary>
    public void AssertSuccess(params string[] lines) =>
        Assert.Equal(new Outcome(0, string.Concat(lines.Select(line => line + "\n")), ""), this);

    /// <summary>Asserts failure, with one line that contains all these texts.</summary>
    public void AssertFailure(params string[] fragments)
    {
        Assert.NotEqual(0, ExitCode);
        Assert.Empty(Output);
        Assert.EndsWith("\n", Errors, StringComparison.Ordinal);
        Assert.Single(Errors.TrimEnd('\n').Split('\n'));
        Assert.All(fragments, fragment => Assert.Contains(fragment, Errors, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("Exception", Errors, StringComparison.Ordinal);
    }
}
