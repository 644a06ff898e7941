namespace RpcGen.Chaos;

/// <summary>Counts and prints checks.</summary>
internal sealed class Report
{
    private const int Shown = 10;

    /// <summary>How many passed.</summary>
    public int Passed { get; private set; }

    /// <summary>How many failed.</summary>
    public int Failed { get; private set; }

    /// <summary>Adds a check.</summary>
    /// <param name="isPassed">Whether it passed.</param>
    /// <param name="name">What it checks.</param>
    /// <param name="details">What is wrong. The first are printed if it failed.</param>
    public void Add(bool isPassed, string name, IReadOnlyCollection<string> details)
    {
        Console.WriteLine($"{(isPassed ? "passed" : "FAILED")}: {name}");
        (Passed, Failed) = isPassed ? (Passed + 1, Failed) : (Passed, Failed + 1);
        foreach (string detail in details.Take(isPassed ? 0 : Shown))
        {
            Console.WriteLine($"  {detail}");
        }

        if (!isPassed && details.Count > Shown)
        {
            Console.WriteLine($"  and {details.Count - Shown} more");
        }
    }
}
