namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>The repository that the tests belong to.</summary>
internal static class Repository
{
    /// <summary>The folder with the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The configuration of the tests and samples: Debug or Release.</summary>
    public static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>A file of the repository.</summary>
    public static string File(params string[] path) => Path.Combine([Root, .. path]);

    /// <summary>The program of a sample, built together with these tests.</summary>
    public static string Sample(string name) => File("samples", name, "bin", Configuration, "net10.0", $"{name}.dll");

    private static string FindRoot()
    {
        DirectoryInfo? directory = new(AppContext.BaseDirectory);
        while (directory is not null && !System.IO.File.Exists(Path.Combine(directory.FullName, "RpcGen.sln")))
        {
            directory = directory.Parent;
        }

        return directory?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds RpcGen.sln.");
    }
}
