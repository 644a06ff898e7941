using System.Collections.Concurrent;
using RpcGen.Runtime;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>
/// The order in which hosts, and the addresses of a host, are tried. Those that have failed recently come last, because a node that
/// hangs costs each attempt its whole time limit. Thread-safe.
/// </summary>
/// <param name="environment">The clock, and the randomness of the order.</param>
internal sealed class HostOrder(RpcEnvironment environment)
{
    /// <summary>How long a failure is remembered.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<object, Failure> _failures = new();

    /// <summary>
    /// Orders candidates: at random or as they are. Those that have failed come after the others, and those that hang after all
    /// others; the latest failure at the end.
    /// </summary>
    public IReadOnlyList<T> Arrange<T>(IEnumerable<T> candidates, bool isRandom)
        where T : notnull
    {
        T[] ordered = [.. candidates];
        if (isRandom)
        {
            Shuffle(ordered);
        }

        Forget();
        return [.. ordered.OrderBy(candidate => _failures.GetValueOrDefault(candidate, Failure.None))]; // a stable sort
    }

    /// <summary>A candidate could not be used, or was lost.</summary>
    /// <param name="candidate">The candidate.</param>
    /// <param name="hangs">Whether it did not answer, so that the next attempt may cost its whole time limit too.</param>
    public void OnFailed(object candidate, bool hangs) => _failures[candidate] = new Failure(hangs, environment.Time.GetTimestamp());

    /// <summary>A candidate can be used.</summary>
    public void OnConnected(object candidate) => _failures.TryRemove(candidate, out _);

    private void Forget()
    {
        foreach ((object candidate, Failure failure) in _failures)
        {
            if (environment.Time.GetElapsedTime(failure.At) > Memory)
            {
                _failures.TryRemove(candidate, out _);
            }
        }
    }

    /// <summary>Fisher and Yates' shuffle.</summary>
    private void Shuffle<T>(T[] items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int other = (int)(environment.Random.NextBits() % (ulong)(i + 1));
            (items[i], items[other]) = (items[other], items[i]);
        }
    }

    private readonly record struct Failure(bool Hangs, long At) : IComparable<Failure>
    {
        public static readonly Failure None = new(Hangs: false, long.MinValue);

        public int CompareTo(Failure other) => Hangs != other.Hangs ? Hangs.CompareTo(other.Hangs) : At.CompareTo(other.At);
    }
}
