namespace RpcGen.Tests.Architecture;

/// <summary>Finds cycles in a directed graph.</summary>
internal static class Cycles
{
    /// <summary>The groups of nodes that all reach each other, each sorted, as text such as <c>a ↔ b</c>.</summary>
    public static IEnumerable<string> Find(IEnumerable<(string From, string To)> arrows)
    {
        ILookup<string, string> targets = arrows.Where(arrow => arrow.From != arrow.To).Distinct().ToLookup(arrow => arrow.From, arrow => arrow.To);
        Dictionary<string, HashSet<string>> reachable = targets.ToDictionary(node => node.Key, node => Reach(node.Key, targets));
        return reachable
            .Where(node => node.Value.Contains(node.Key))
            .Select(node => string.Join(" ↔ ", node.Value.Where(other => reachable.TryGetValue(other, out HashSet<string>? back) && back.Contains(node.Key)).Order(StringComparer.Ordinal)))
            .Distinct();
    }

    private static HashSet<string> Reach(string start, ILookup<string, string> targets)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([start]);
        while (open.TryPop(out string? node))
        {
            foreach (string target in targets[node])
            {
                if (reached.Add(target))
                {
                    open.Push(target);
                }
            }
        }

        return reached;
    }
}
