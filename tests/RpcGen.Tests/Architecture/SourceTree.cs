using System.Text.RegularExpressions;
using Mono.Cecil;
using RpcGen.Tests.Documentation;

namespace RpcGen.Tests.Architecture;

/// <summary>
/// The source files of one project. They tell in which folder a compiled type was written, which its namespace alone does not:
/// some public types of <c>Hosting</c> are in the namespaces where applications look for them.
/// </summary>
internal sealed partial class SourceTree
{
    private readonly Dictionary<string, string> _files = [];

    public SourceTree(string project)
    {
        Root = RepositoryFiles.Full($"src/{project}");
        foreach (string file in Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories))
        {
            string path = Path.GetRelativePath(Root, file).Replace('\\', '/');
            if (path.StartsWith("bin/", StringComparison.Ordinal) || path.StartsWith("obj/", StringComparison.Ordinal))
            {
                continue;
            }

            string text = File.ReadAllText(file);
            Files.Add((path, text));
            string space = Namespace().Match(text).Groups[1].Value;
            foreach (Match declaration in Declaration().Matches(text))
            {
                int parameters = declaration.Groups["parameters"] is { Success: true } list ? list.Value.Count(c => c == ',') + 1 : 0;
                string name = $"{space}.{declaration.Groups["name"].Value}{(parameters == 0 ? "" : $"`{parameters}")}";
                _files.TryAdd(name, path); // a partial type belongs to the first of its files
            }
        }
    }

    public string Root { get; }

    /// <summary>Each file's path below <see cref="Root"/>, with its text.</summary>
    public List<(string Path, string Text)> Files { get; } = [];

    /// <summary>The file of a type; null if the project does not declare it.</summary>
    public string? FileOf(TypeReference type) => _files.GetValueOrDefault(type.FullName);

    /// <summary>The folder of a file, such as <c>Client/Calls</c>; empty for the project's own folder.</summary>
    public static string FolderOf(string file) => Path.GetDirectoryName(file)!.Replace('\\', '/');

    /// <summary>The folder directly below the project's that a file is in; empty for the project's own folder.</summary>
    public static string LayerOf(string file) => FolderOf(file).Split('/')[0];

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^(?:public|internal|file)[\w ]*? (?:class|struct|interface|enum|record(?: struct)?|delegate [\w<>?\[\]]+) (?<name>\w+)(?:<(?<parameters>[^>]+)>)?", RegexOptions.Multiline)]
    private static partial Regex Declaration();
}
