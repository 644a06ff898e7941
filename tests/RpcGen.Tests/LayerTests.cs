using System.Text.RegularExpressions;

namespace RpcGen.Tests;

/// <summary>A folder is a layer, and arrows between layers point one way.</summary>
public sealed partial class LayerTests
{
    private static readonly string[] NoLayers = [];

    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Runtime"] = NoLayers,
        ["Diagnostics"] = NoLayers,
        ["Transport"] = ["Runtime"],
        ["Protocol"] = ["Generated", "Transport"],
        ["Serialization"] = ["Generated", "Protocol"],
        ["Connections"] = ["Diagnostics", "Runtime", "Transport"],
        ["Client"] = ["Connections", "Diagnostics", "Generated", "Protocol", "Runtime", "Transport"],
        ["Hosting"] = ["Diagnostics", "Generated", "Runtime", "Server", "Transport"],
        ["Server"] = ["Diagnostics", "Generated", "Protocol", "Runtime", "Transport"],
    };

    [Fact]
    public void Layers_use_only_what_lies_below_them()
    {
        string root = Root();
        var wrong = new List<string>();
        foreach (string file in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories))
        {
            string[] path = Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar);
            if (path[0] is "bin" or "obj" || path.Length == 1)
            {
                continue;
            }

            Assert.True(MayUse.TryGetValue(path[0], out string[]? allowed), $"The folder {path[0]} is a new layer: say here what it may use.");
            foreach (Match use in UsedLayer().Matches(File.ReadAllText(file)))
            {
                string layer = use.Groups["layer"].Value;
                bool isOwn = layer == path[0];
                bool isConcreteTransport = layer == "Transport" && use.Groups["rest"].Value.Length > 0 && path[0] != "Transport";
                if ((!isOwn && !allowed.Contains(layer)) || isConcreteTransport)
                {
                    wrong.Add($"{string.Join('/', path)} uses {use.Value}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Only_the_transport_knows_the_client_library()
    {
        string root = Root();
        string[] users = [.. Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => File.ReadAllText(file).Contains("using RabbitMQ.Client", StringComparison.Ordinal))
            .Select(file => Path.GetRelativePath(root, Path.GetDirectoryName(file)!).Replace('\\', '/'))
            .Distinct()];

        Assert.Equal(["Transport/RabbitMq"], users);
    }

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RpcGen.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "src", "RpcGen");
    }

    [GeneratedRegex(@"^using RpcGen\.(?<layer>\w+)(?<rest>\.\w+)?;", RegexOptions.Multiline)]
    private static partial Regex UsedLayer();
}
