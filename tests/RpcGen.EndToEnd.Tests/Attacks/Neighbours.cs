using System.Diagnostics;
using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Callers of the attacked server that do nothing wrong. Each answer is checked, and its time is noted.</summary>
public sealed class Neighbours
{
    private const int Callers = 4;
    private const int CallsToWarmUp = 400;
    private const int CallsBeforeTheAttack = 400;
    private const int CallsAfterTheAttack = 100;

    private readonly CancellationTokenSource _stop = new();
    private readonly Func<int, int, Task<int>> _add;
    private readonly Lock _lock = new();
    private readonly List<TimeSpan> _warmUp = [];
    private readonly List<TimeSpan> _before = [];
    private readonly List<TimeSpan> _during = [];
    private List<TimeSpan> _times;
    private Task _callers = Task.CompletedTask;

    private Neighbours(Func<int, int, Task<int>> add)
    {
        _add = add;
        _times = _warmUp;
    }

    /// <summary>The calls that were answered since the attack began.</summary>
    public int Answered
    {
        get
        {
            lock (_lock)
            {
                return _during.Count;
            }
        }
    }

    /// <summary>Starts the callers and lets them run for a while without an attack.</summary>
    public static Task<Neighbours> StartAsync(ICalculator client) => StartAsync((a, b) => client.AddAsync(a, b, CancellationToken.None));

    /// <inheritdoc cref="StartAsync(ICalculator)"/>
    public static Task<Neighbours> StartAsync(IVault client) => StartAsync((a, b) => client.AddAsync(a, b, CancellationToken.None));

    /// <summary>Starts the callers of a courier that returns each text.</summary>
    public static Task<Neighbours> StartAsync(ICourier client) => StartAsync(
        async (a, b) => int.Parse(await client.AskAsync((a + b).ToString(CultureInfo.InvariantCulture), CancellationToken.None), CultureInfo.InvariantCulture));

    /// <summary>Starts callers of a method that adds two numbers, and lets them run for a while without an attack.</summary>
    public static async Task<Neighbours> StartAsync(Func<int, int, Task<int>> add)
    {
        var neighbours = new Neighbours(add);
        neighbours._callers = Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => neighbours.CallAsync(caller))));
        await neighbours.UntilAsync(neighbours._warmUp, CallsToWarmUp);
        neighbours.NoteIn(neighbours._before);
        await neighbours.UntilAsync(neighbours._before, CallsBeforeTheAttack);
        neighbours.NoteIn(neighbours._during);
        return neighbours;
    }

    /// <summary>Completes when that many further calls were answered. Fails if a caller got a wrong answer or an exception.</summary>
    public Task UntilAnsweredAsync(int calls) => UntilAsync(_during, Answered + calls);

    /// <summary>Lets the callers run on for a while, stops them, fails if one of them failed, and reports the times of before and during the attack.</summary>
    public async Task StopAsync()
    {
        await UntilAnsweredAsync(CallsAfterTheAttack);
        await _stop.CancelAsync();
        await _callers.OrFail();
        TestContext.Current.SendDiagnosticMessage($"{TestContext.Current.Test?.TestDisplayName}: {Report()}");
        _stop.Dispose();
    }

    /// <summary>How long neighbours waited.</summary>
    public string Report()
    {
        lock (_lock)
        {
            double before = Percentile99(_before), during = Percentile99(_during);
            return string.Create(CultureInfo.InvariantCulture, $"p99 before {before:0.0} ms ({_before.Count} calls), during {during:0.0} ms ({_during.Count} calls): {during / before:0.0} x");
        }
    }

    private void NoteIn(List<TimeSpan> times)
    {
        lock (_lock)
        {
            _times = times;
        }
    }

    private static double Percentile99(List<TimeSpan> times) =>
        times.Count == 0 ? 0 : times.Order().ElementAt((int)((times.Count - 1) * 0.99)).TotalMilliseconds;

    private async Task UntilAsync(List<TimeSpan> times, int count) => await Wait.UntilAsync(
        () =>
        {
            if (_callers.IsFaulted)
            {
                _callers.GetAwaiter().GetResult();
            }

            lock (_lock)
            {
                return times.Count >= count;
            }
        },
        $"neighbours got {count} answers");

    private async Task CallAsync(int caller)
    {
        for (int i = 0; !_stop.IsCancellationRequested; i++)
        {
            long started = Stopwatch.GetTimestamp();
            Assert.Equal(caller + i, await _add(caller, i));
            lock (_lock)
            {
                _times.Add(Stopwatch.GetElapsedTime(started));
            }
        }
    }
}
