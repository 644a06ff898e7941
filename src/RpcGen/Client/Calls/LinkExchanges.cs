using System.Collections.Concurrent;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>
/// What is known of the exchanges that a link's calls go to. Each one is probed on a channel of its own before the link uses
/// it: a refused publish would close the link's channel, and end the calls of all callers. A refusal is remembered for a
/// second, to avoid a probe for each call. Thread-safe.
/// </summary>
/// <param name="connection">The link's connection.</param>
/// <param name="environment">Time and randomness.</param>
/// <param name="onKnown">Called when a probe has ended after <see cref="TryFind"/> returned false.</param>
#pragma warning disable CA1001 // The token source has neither timer nor wait handle: there is nothing to dispose.
internal sealed class LinkExchanges(ITransportConnection connection, RpcEnvironment environment, Action onKnown)
#pragma warning restore CA1001
{
    /// <summary>How long a refusal counts.</summary>
    public static readonly TimeSpan MaxRefusalAge = TimeSpan.FromSeconds(1);

    /// <summary>The pause before a missing exchange is probed again for calls that wait for it.</summary>
    public static readonly TimeSpan ProbePause = TimeSpan.FromMilliseconds(200);

    /// <summary>How many exchanges are known at a time.</summary>
    public const int MaxKnown = 1024;

    private readonly ConcurrentDictionary<string, ProbedExchange> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Task> _probing = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _ended = new();
    private readonly Lock _gate = new();
    private volatile bool _isDefaultUsable;

    /// <summary>Finds out whether an exchange can be used. If that is not known yet, starts a probe.</summary>
    /// <param name="exchange">The exchange; empty for the default exchange.</param>
    /// <param name="refusal">Why the exchange cannot be used; null if it can.</param>
    /// <returns>False if it is not known yet.</returns>
    public bool TryFind(string exchange, out TransportRefusedException? refusal)
    {
        refusal = null;
        if ((exchange.Length == 0 && _isDefaultUsable) || TryFindKnown(exchange, out refusal))
        {
            return true;
        }

        StartProbe(exchange);
        return TryFindKnown(exchange, out refusal); // in tests, the probe has ended already
    }

    /// <summary>Waits until it is known whether an exchange can be used.</summary>
    /// <returns>Why it cannot; null if it can.</returns>
    public async Task<TransportRefusedException?> FindAsync(string exchange, CancellationToken cancellationToken)
    {
        TransportRefusedException? refusal;
        while (!TryFind(exchange, out refusal))
        {
            await StartProbe(exchange).WaitAsync(cancellationToken).ConfigureAwait(false);
        }

        return refusal;
    }

    /// <summary>Probes a refused exchange again after a pause, for calls that wait for it.</summary>
    public void ProbeAgain(string exchange)
    {
        lock (_gate)
        {
            if (!IsProbing(exchange, out _))
            {
                using (AmbientFlow.Suppress())
                {
                    _probing[exchange] = ProbeAsync(exchange, ProbePause);
                }
            }
        }
    }

    /// <summary>The link is closed: ends the probes.</summary>
    public Task EndAsync() => _ended.CancelAsync();

    private bool TryFindKnown(string exchange, out TransportRefusedException? refusal)
    {
        bool isKnown = _known.TryGetValue(exchange, out ProbedExchange known) &&
            (known.Refusal is null || environment.Time.GetElapsedTime(known.At) < MaxRefusalAge);
        refusal = isKnown ? known.Refusal : null;
        return isKnown;
    }

    private bool IsProbing(string exchange, out Task running) => _probing.TryGetValue(exchange, out running!) && !running.IsCompleted;

    private Task StartProbe(string exchange)
    {
        lock (_gate)
        {
            if (IsProbing(exchange, out Task running))
            {
                return running;
            }

            if (TryFindKnown(exchange, out _))
            {
                return Task.CompletedTask; // a probe has ended meanwhile
            }

            using (AmbientFlow.Suppress())
            {
                return _probing[exchange] = ProbeAsync(exchange, TimeSpan.Zero);
            }
        }
    }

    /// <summary>Probes once. Never fails.</summary>
    private async Task ProbeAsync(string exchange, TimeSpan pause)
    {
        if (pause > TimeSpan.Zero)
        {
            await Task.Delay(pause, environment.Time, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Task<TransportRefusedException?> finding = FindRefusalAsync(exchange);
        bool isWaitedFor = pause > TimeSpan.Zero || !finding.IsCompleted;
        Learn(exchange, await finding.ConfigureAwait(false));
        lock (_gate)
        {
            _probing.Remove(exchange); // before calls are told: they can start another probe
        }

        if (isWaitedFor && !_ended.IsCancellationRequested)
        {
            onKnown();
        }
    }

    /// <summary>Why the exchange cannot be used. If no probe can be made, for example because all channels are in use, the exchange counts as usable.</summary>
    private async Task<TransportRefusedException?> FindRefusalAsync(string exchange)
    {
        try
        {
            return await ExchangeProbe.FindRefusalAsync(connection, exchange, environment.Random, _ended.Token).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // See the summary.
        catch (Exception)
#pragma warning restore CA1031
        {
            return null;
        }
    }

    private void Learn(string exchange, TransportRefusedException? refusal)
    {
        if (_known.Count >= MaxKnown)
        {
            _known.Clear(); // those in use are probed again
        }

        _known[exchange] = new ProbedExchange(refusal, environment.Time.GetTimestamp());
        _isDefaultUsable |= exchange.Length == 0 && refusal is null;
    }

    private readonly record struct ProbedExchange(TransportRefusedException? Refusal, long At);
}
