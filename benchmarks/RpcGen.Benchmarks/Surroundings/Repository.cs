namespace RpcGen.Benchmarks.Surroundings;

/// <summary>The working copy that this program was built from.</summary>
internal static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        for (DirectoryInfo? folder = new(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "RpcGen.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("No folder above this program contains RpcGen.sln.");
    }
}
