using System.Diagnostics;
using System.Globalization;
using RpcGen.Chaos.History;
using RpcGen.Chaos.Workers;

namespace RpcGen.Chaos.Stage;

/// <summary>The place of a client or a server: a process, which is started again when it is killed or gives up.</summary>
internal sealed class Worker(string role, Proxy proxy, string folder, Func<int> nextNumber, int seed, Interruptions interruptions)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _gate = new(1);
    private Process? _process;
    private int _number;
    private bool _isKilled;
    private Task _running = Task.CompletedTask;

    /// <summary>What it is.</summary>
    public string Role => role;

    /// <summary>Its way to the broker.</summary>
    public Proxy Proxy => proxy;

    /// <summary>What went wrong that must not: exit codes that no fault explains.</summary>
    public List<string> Failures { get; } = [];

    /// <summary>How many processes it has had.</summary>
    public int Processes { get; private set; }

    /// <summary>The number of the process.</summary>
    public int Number => _number;

    /// <summary>Starts the process, and keeps it running.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Kills the process.</summary>
    public async Task KillAsync()
    {
        await _gate.WaitAsync();
        if (_process is { } process)
        {
            _isKilled = true;
            interruptions.Killed.Add(_number);
            process.Kill();
        }

        _gate.Release();
    }

    /// <summary>Ends the process as a deployment does, and starts the next.</summary>
    public async Task RestartAsync()
    {
        await _gate.WaitAsync();
        if (_process is { } process)
        {
            process.StandardInput.Close();
        }

        _gate.Release();
    }

    /// <summary>Stops the process for a while.</summary>
    public async Task FreezeAsync(Task until)
    {
        await _gate.WaitAsync();
        try
        {
            if (_process is { } process)
            {
                TimeSpan from = HistoryWriter.Now;
                await SignalAsync("STOP", process.Id);
                await until;
                await SignalAsync("CONT", process.Id);
                interruptions.Freeze(_number, from, HistoryWriter.Now);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Ends the process: its last calls end first.</summary>
    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await RestartAsync();
        await _running;
    }

    private static async Task SignalAsync(string signal, int process)
    {
        using Process kill = Process.Start("kill", [$"-{signal}", process.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
    }

    private async Task RunAsync()
    {
        while (!_end.IsCancellationRequested)
        {
            using Process process = await StartAsync();
            Task<string> errors = process.StandardError.ReadToEndAsync();
            await process.WaitForExitAsync();
            await _gate.WaitAsync();
            _process = null;
            _gate.Release();
            if (!(_isKilled || process.ExitCode == 0 || (process.ExitCode == WorkerProcess.Refused && role == "server")))
            {
                Failures.Add($"{role} {_number} ended with code {process.ExitCode}: {await errors}");
            }

            await Task.Delay(Pause);
        }
    }

    private async Task<Process> StartAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _number = nextNumber();
            _isKilled = false;
            Processes++;
            var start = new ProcessStartInfo(
                Environment.ProcessPath!,
                [role, proxy.Url, Path.Combine(folder, $"{role}-{_number}.history"), _number.ToString(CultureInfo.InvariantCulture), seed.ToString(CultureInfo.InvariantCulture)])
            {
                RedirectStandardInput = true,
                RedirectStandardError = true,
            };
            _process = Process.Start(start)!;
            return _process;
        }
        finally
        {
            _gate.Release();
        }
    }
}
