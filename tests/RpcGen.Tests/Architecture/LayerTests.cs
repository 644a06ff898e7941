using System.Text.RegularExpressions;
using Mono.Cecil;

namespace RpcGen.Tests.Architecture;

/// <summary>
/// A folder is a layer, and arrows between layers point one way. What is compiled decides: every type that a type of the
/// runtime refers to. <c>docs/architecture.md</c> draws this graph.
/// </summary>
public sealed partial class LayerTests
{
    private const string Facade = "";

    /// <summary>What each layer can use, besides itself and the vocabulary of RpcGen.Abstractions.</summary>
    private static readonly Dictionary<string, string[]> CanUse = new()
    {
        ["Runtime"] = [],
        ["Transport"] = ["Runtime"],
        ["Diagnostics"] = ["Transport", "Runtime"],
        ["Protocol"] = ["Transport", "Runtime"],
        ["Serialization"] = ["Protocol"],
        ["Connections"] = ["Diagnostics", "Transport", "Runtime"],
        ["Streams"] = ["Connections", "Protocol", "Diagnostics", "Transport", "Runtime"],
        ["Client"] = ["Streams", "Connections", "Serialization", "Protocol", "Diagnostics", "Transport", "Runtime"],
        ["Server"] = ["Streams", "Connections", "Serialization", "Protocol", "Diagnostics", "Transport", "Runtime"],
        [Facade] = ["Client", "Server", "Streams", "Connections", "Serialization", "Protocol", "Diagnostics", "Transport", "Runtime"],
        ["Hosting"] = [Facade, "Server", "Diagnostics", "Runtime"],
    };

    /// <summary>Files of Client and Server that refer to each other, each group with its reason.</summary>
    private static readonly Dictionary<string, string> KnownCycles = [];

    private static readonly SourceTree Sources = new("RpcGen");
    private static readonly Lazy<Arrow[]> Arrows = new(ReadArrows);

    [Fact]
    public void Layers_use_only_layers_below_them()
    {
        string[] wrong = [.. Arrows.Value
            .Where(arrow => arrow.ToFile is not null)
            .Select(arrow => (arrow, From: SourceTree.LayerOf(arrow.FromFile), To: SourceTree.LayerOf(arrow.ToFile!)))
            .Where(arrow => arrow.From != arrow.To && !Allowed(arrow.From).Contains(arrow.To))
            .Select(arrow => arrow.arrow.ToString())];

        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Folders_form_no_cycle() => Assert.Empty(Cycles.Find(Arrows.Value
        .Where(arrow => arrow.ToFile is not null)
        .Select(arrow => ($"/{SourceTree.FolderOf(arrow.FromFile)}", $"/{SourceTree.FolderOf(arrow.ToFile!)}"))));

    [Fact]
    public void Files_of_client_and_server_form_no_cycle_but_the_known_ones()
    {
        string[] cycles = [.. Cycles.Find(Arrows.Value
            .Where(arrow => arrow.ToFile is not null && SourceTree.LayerOf(arrow.FromFile) is "Client" or "Server")
            .Select(arrow => (arrow.FromFile, arrow.ToFile!)))];

        Assert.Equal(KnownCycles.Keys.Order(StringComparer.Ordinal), cycles.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_the_facade_chooses_a_transport()
    {
        string[] wrong = [.. Arrows.Value
            .Where(arrow => arrow.ToFile is not null
                && SourceTree.FolderOf(arrow.ToFile) is var folder
                && folder.StartsWith("Transport/", StringComparison.Ordinal)
                && !SourceTree.FolderOf(arrow.FromFile).StartsWith(string.Join('/', folder.Split('/')[..2]), StringComparison.Ordinal)
                && arrow.FromFile != "TransportFactory.cs")
            .Select(arrow => arrow.ToString())];

        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void Only_the_RabbitMQ_transport_knows_the_client_library()
    {
        string[] users = [.. Arrows.Value
            .Where(arrow => arrow.To.Scope.Name == "RabbitMQ.Client")
            .Select(arrow => SourceTree.FolderOf(arrow.FromFile))
            .Distinct()];

        Assert.All(users, folder => Assert.StartsWith("Transport/RabbitMq", folder, StringComparison.Ordinal));
        Assert.NotEmpty(users);
    }

    /// <summary>Constants and <c>nameof</c> leave no reference in compiled code, but their files need the namespace.</summary>
    [Fact]
    public void Files_import_only_layers_below_them()
    {
        string[] wrong = [.. Sources.Files.SelectMany(file => Import().Matches(file.Text)
            .Select(import => import.Groups["layer"].Value)
            .Where(layer => layer != "Generated" && layer != SourceTree.LayerOf(file.Path) && !Allowed(SourceTree.LayerOf(file.Path)).Contains(layer))
            .Select(layer => $"{file.Path} imports {layer}"))];

        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    /// <summary>The vocabulary of RpcGen.Abstractions and the base classes of generated code refer to each other, as contracts do to both.</summary>
    [Fact]
    public void Abstractions_have_one_cycle_which_is_allowed()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(RpcMetadata).Assembly.Location);

        string[] cycles = [.. Cycles.Find(TypeReferences.Of(module)
            .Where(reference => reference.From.Namespace.StartsWith("RpcGen", StringComparison.Ordinal) && reference.To.Namespace.StartsWith("RpcGen", StringComparison.Ordinal))
            .Select(reference => (reference.From.Namespace, reference.To.Namespace)))];

        Assert.Equal(["RpcGen ↔ RpcGen.Generated"], cycles);
    }

    /// <summary>A type that the source scan misses would escape the other tests.</summary>
    [Fact]
    public void Every_compiled_type_is_found_in_the_sources()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(RpcConnection).Assembly.Location);

        Assert.Empty(module.Types.Where(type => IsOurs(type) && Sources.FileOf(type) is null).Select(type => type.FullName));
    }

    private static string[] Allowed(string layer) =>
        CanUse.GetValueOrDefault(layer) ?? throw new InvalidOperationException($"The folder '{layer}' is a new layer: say in {nameof(CanUse)} what it can use.");

    private static Arrow[] ReadArrows()
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(typeof(RpcConnection).Assembly.Location);
        return [.. TypeReferences.Of(module)
            .Where(reference => IsOurs(reference.From))
            .Select(reference => new Arrow(reference.From, Sources.FileOf(reference.From)!, reference.To, reference.To.Scope == module ? Sources.FileOf(reference.To) : null))];
    }

    /// <summary>Whether a person wrote the type, rather than the compiler or a generator of the SDK.</summary>
    private static bool IsOurs(TypeDefinition type) =>
        type.Name is not ("<Module>" or "<PrivateImplementationDetails>") &&
        !type.Name.StartsWith('<') &&
        type.Namespace is not ("System.Runtime.CompilerServices" or "Microsoft.CodeAnalysis" or "System.Text.RegularExpressions.Generated");

    [GeneratedRegex(@"^using (?:static )?RpcGen\.(?<layer>\w+)", RegexOptions.Multiline)]
    private static partial Regex Import();

    private sealed record Arrow(TypeDefinition From, string FromFile, TypeReference To, string? ToFile)
    {
        public override string ToString() => $"{FromFile} → {ToFile ?? To.FullName}";
    }
}
