namespace RpcGen.Cli;

/// <summary>Finds what a user may have meant by a name that does not exist.</summary>
internal static class SimilarNames
{
    private const int MaxShown = 3;

    /// <summary>A name that differs in more than this part of its letters is another name.</summary>
    private const double MaxDifference = 0.34;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);

    /// <summary>A sentence that names services like this one, and how to list all.</summary>
    public static async Task<string> DescribeAsync(RpcConnection connection, string queue, CancellationToken cancellationToken)
    {
        const string Remedy = "'rpcgen list' shows the services that run.";
        var known = new SortedSet<string>(StringComparer.Ordinal);
        try
        {
            await foreach (RpcServiceInstance instance in connection.FindServicesAsync(window: Window, cancellationToken: cancellationToken).ConfigureAwait(false))
            {
                known.Add(instance.Queue);
            }
        }
        catch (RpcException)
        {
            return Remedy; // this user cannot list them, and 'rpcgen list' says why
        }

        string[] similar = Find(queue, known);
        return similar.Length == 0 ? Remedy : $"Did you mean {string.Join(" or ", similar.Select(name => $"'{OneLine.Of(name)}'"))}? {Remedy}";
    }

    /// <summary>The names that are most like another one, the best first.</summary>
    public static string[] Find(string name, IEnumerable<string> known) =>
    [
        .. known
            .Select(candidate => (candidate, difference: DifferenceOf(name, candidate)))
            .Where(pair => pair.difference <= MaxDifference)
            .OrderBy(pair => pair.difference)
            .ThenBy(pair => pair.candidate, StringComparer.Ordinal)
            .Take(MaxShown)
            .Select(pair => pair.candidate),
    ];

    /// <summary>0 for names that differ in case alone or of which one is the end of the other, such as <c>Orders</c> of <c>Shop.Orders</c>; 1 for names without anything in common.</summary>
    private static double DifferenceOf(string name, string candidate)
    {
        string one = name.ToUpperInvariant();
        string other = candidate.ToUpperInvariant();
        return one == other || other.EndsWith("." + one, StringComparison.Ordinal) || one.EndsWith("." + other, StringComparison.Ordinal)
            ? 0
            : Distance(one, other) / (double)Math.Max(one.Length, other.Length);
    }

    /// <summary>How many letters must be changed, added or removed (Levenshtein).</summary>
    private static int Distance(string one, string other)
    {
        int[] above = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int[] row = new int[other.Length + 1];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + (one[i - 1] == other[j - 1] ? 0 : 1));
            }

            above = row;
        }

        return above[^1];
    }
}
