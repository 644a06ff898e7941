namespace RpcGen.Tests.Documentation;

/// <summary>The files whose text is checked.</summary>
internal static class RepositoryFiles
{
    /// <summary>
    /// Where <see cref="LanguageTests"/> looks: files, or folders with all that is in them. This is the only place to change
    /// when a folder is added.
    /// </summary>
    public static readonly string[] CheckedForLanguage =
    [
        "README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md", "CODE_OF_CONDUCT.md", ".github", "docs", "src", "generators", "samples", "templates", "benchmarks", "tests", "pack.sh", "test.sh",
    ];

    /// <summary>The exception to <see cref="CheckedForLanguage"/>: the tests that list the phrases.</summary>
    private const string NotCheckedForLanguage = "tests/RpcGen.Tests/Documentation/LanguageTests.cs";

    /// <summary>Not written here: build output and packages of other tools.</summary>
    private static readonly string[] Ignored = ["bin", "obj", "node_modules", "artifacts", "TestResults", "StrykerOutput"];

    private static readonly string Root = FindRoot();

    /// <summary>All files of the repository, as paths relative to its root.</summary>
    public static IEnumerable<string> All => Below(Root).Select(Relative);

    /// <summary>All Markdown pages of the repository, as paths relative to its root.</summary>
    public static IEnumerable<string> Pages => Below(Root).Where(IsPage).Select(Relative);

    /// <summary>Pages, C# files and scripts of <see cref="CheckedForLanguage"/>, as paths relative to the repository's root.</summary>
    public static IEnumerable<string> FilesCheckedForLanguage => CheckedForLanguage
        .Select(Full)
        .SelectMany(path => Directory.Exists(path) ? Below(path) : [path])
        .Where(path => IsPage(path) || Path.GetExtension(path) is ".cs" or ".sh")
        .Select(Relative)
        .Where(path => path != NotCheckedForLanguage);

    public static string Full(string path) => Path.GetFullPath(Path.Combine(Root, path));

    public static string Read(string path) => File.ReadAllText(Full(path)).ReplaceLineEndings("\n");

    private static bool IsPage(string path) => path.EndsWith(".md", StringComparison.Ordinal);

    private static string Relative(string path) => Path.GetRelativePath(Root, path).Replace('\\', '/');

    private static IEnumerable<string> Below(string folder) =>
        Directory.EnumerateFiles(folder).Concat(Directory.EnumerateDirectories(folder)
            .Where(child => Path.GetFileName(child) is var name && !Ignored.Contains(name) && name[0] != '.')
            .SelectMany(Below));

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RpcGen.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} contains RpcGen.sln.");
    }
}
