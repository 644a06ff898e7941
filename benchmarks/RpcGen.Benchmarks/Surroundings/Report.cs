namespace RpcGen.Benchmarks.Surroundings;

/// <summary>Writes results to the console and a file.</summary>
internal static class Report
{
    public static async Task SaveAsync(string markdown, string file)
    {
        Console.WriteLine(markdown);
        await File.WriteAllTextAsync(file, markdown);
        Console.Error.WriteLine($"written to {Path.GetFullPath(file)}");
    }
}
