namespace RpcGen.Cli.Tracing;

/// <summary>A call of a trace, and how deep it is nested.</summary>
/// <param name="Ended">The call.</param>
/// <param name="Depth">How many other calls of the trace it is part of.</param>
internal sealed record Hop(RpcCallEvent Ended, int Depth);

/// <summary>
/// Orders the calls of a trace. A call that ran while another one ran is shown as a part of it: the events name no parent. The clocks of
/// the hosts decide, so calls of hosts whose clocks differ can be shown beside each other.
/// </summary>
internal static class Hops
{
    /// <summary>Times of events are rounded.</summary>
    private static readonly TimeSpan Rounding = TimeSpan.FromMilliseconds(2);

    /// <summary>Orders calls.</summary>
    /// <param name="events">The calls.</param>
    /// <param name="isFirst">Whether a call is the one that the tool made. It is shown first, and all others are parts of it.</param>
    public static IReadOnlyList<Hop> Order(IEnumerable<RpcCallEvent> events, Func<RpcCallEvent, bool> isFirst)
    {
        RpcCallEvent[] all = [.. events];
        RpcCallEvent? first = all.FirstOrDefault(isFirst);
        RpcCallEvent[] others = [.. all.Where(ended => ended != first).OrderBy(StartOf).ThenByDescending(ended => ended.Duration)];
        var hops = new List<Hop>();
        var open = new Stack<RpcCallEvent>();
        if (first is not null)
        {
            hops.Add(new Hop(first, 0));
        }

        foreach (RpcCallEvent ended in others)
        {
            while (open.TryPeek(out RpcCallEvent? around) && !Contains(around, ended))
            {
                open.Pop();
            }

            hops.Add(new Hop(ended, open.Count + (first is null ? 0 : 1)));
            open.Push(ended);
        }

        return hops;
    }

    private static DateTimeOffset StartOf(RpcCallEvent ended) => ended.EndedAt - (ended.Duration ?? TimeSpan.Zero);

    /// <summary>A method that took no time, as far as is known, contains no other.</summary>
    private static bool Contains(RpcCallEvent outer, RpcCallEvent inner) =>
        outer.Duration > inner.Duration.GetValueOrDefault() && StartOf(inner) >= StartOf(outer) - Rounding && inner.EndedAt <= outer.EndedAt + Rounding;
}
