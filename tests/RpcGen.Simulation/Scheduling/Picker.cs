namespace RpcGen.Simulation.Scheduling;

/// <summary>Chooses which of the ready work items runs next. Each schedule has a manner of its own, since bugs like different ones.</summary>
/// <param name="random">Random numbers.</param>
/// <param name="goesByRank">Whether the highest rank runs; null if the schedule decides.</param>
internal sealed class Picker(SimRandom random, bool? goesByRank)
{
    private readonly Manner _manner = goesByRank switch
    {
        null => random.Pick(Manner.Any, Manner.Any, Manner.MostlyOldest, Manner.MostlyNewest, Manner.ByRank),
        true => Manner.ByRank,
        false => random.Pick(Manner.Any, Manner.Any, Manner.MostlyOldest, Manner.MostlyNewest),
    };

    private enum Manner
    {
        /// <summary>Any of them, each as likely.</summary>
        Any,

        /// <summary>The oldest, as the thread pool does, with exceptions.</summary>
        MostlyOldest,

        /// <summary>The newest, with exceptions.</summary>
        MostlyNewest,

        /// <summary>By a rank that each gets when it comes: some wait for very long.</summary>
        ByRank,
    }

    /// <summary>The rank of an item that has become ready.</summary>
    public uint NextRank() => _manner == Manner.ByRank ? (uint)random.NextBits() : 0;

    /// <summary>The place of the item that runs next.</summary>
    public int Pick(List<Ready> ready)
    {
        if (ready.Count == 1)
        {
            return 0;
        }

        switch (_manner)
        {
            case Manner.MostlyOldest when !random.Percent(20):
                return 0;
            case Manner.MostlyNewest when !random.Percent(20):
                return ready.Count - 1;
            case Manner.ByRank:
                int best = 0;
                for (int place = 1; place < ready.Count; place++)
                {
                    best = ready[place].Rank > ready[best].Rank ? place : best;
                }

                return best;
            default:
                return random.Below(ready.Count);
        }
    }
}

/// <summary>A work item that can run.</summary>
/// <param name="Item">The item.</param>
/// <param name="Since">Since when.</param>
/// <param name="Rank">Its rank, where that decides.</param>
internal readonly record struct Ready(object Item, long Since, uint Rank);
