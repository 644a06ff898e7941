using System.Collections.Concurrent;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>Which exchanges a <see cref="StreamLink"/> can publish to. A refused publish would close its channel, and with it all streams. Thread-safe.</summary>
/// <param name="connection">The connection of the link.</param>
/// <param name="environment">Randomness for the probes.</param>
internal sealed class ProbedExchanges(ITransportConnection connection, RpcEnvironment environment)
{
    /// <summary>How many exchanges are known to be usable. Others are probed each time.</summary>
    private const int MaxKnown = 1024;

    private readonly ConcurrentDictionary<string, bool> _usable = new(StringComparer.Ordinal);

    /// <summary>Why an exchange cannot be published to; null if it can.</summary>
    public async Task<TransportRefusedException?> FindRefusalAsync(string exchange, CancellationToken cancellationToken)
    {
        if (_usable.ContainsKey(exchange))
        {
            return null;
        }

        TransportRefusedException? refusal = await ExchangeProbe.FindRefusalAsync(connection, exchange, environment.Random, cancellationToken).ConfigureAwait(false);
        if (refusal is null && _usable.Count < MaxKnown)
        {
            _usable.TryAdd(exchange, true);
        }

        return refusal;
    }
}
