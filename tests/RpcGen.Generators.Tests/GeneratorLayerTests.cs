using System.Text.RegularExpressions;
using Mono.Cecil;
using RpcGen.CodeFixes;
using RpcGen.Generators.Tests.Support;
using RpcGen.Tests;

namespace RpcGen.Generators.Tests;

/// <summary>
/// Holds the layers of the generator. A layer is a folder, which is a namespace. Layers use only the layers that
/// <see cref="Allowed"/> names, and these are all above them in the table, so that there are no cycles.
/// </summary>
public sealed partial class GeneratorLayerTests
{
    private const string Root = "RpcGen.Generators";

    private static readonly string Sources = Path.GetFullPath(Path.Combine(Compile.Metadata("ProjectDirectory"), "..", "..", "generators"));

    /// <summary>The layers, each with the layers that it can use. The lowest layer is first.</summary>
    private static readonly (string Layer, string[] Uses)[] Allowed =
    [
        ("Text", []),
        ("Model", []),
        ("Emitting", ["Text", "Model"]),
        ("Symbols", []),
        ("Parsing.Naming", ["Text", "Symbols"]),
        ("Parsing.Json", ["Symbols"]),
        ("Diagnostics", ["Symbols"]),
        ("Parsing.Faults", ["Text", "Model", "Diagnostics", "Parsing.Json", "Parsing.Naming", "Symbols"]),
        ("Parsing.Delivery", ["Model", "Diagnostics", "Parsing.Faults", "Symbols"]),
        ("Parsing.Validation", ["Text", "Model", "Diagnostics", "Parsing.Json", "Parsing.Naming", "Symbols"]),
        ("Parsing.Methods", ["Text", "Model", "Diagnostics", "Parsing.Delivery", "Parsing.Faults", "Parsing.Json", "Parsing.Naming", "Symbols", "Parsing.Validation"]),
        ("Parsing.Descriptions", ["Text", "Parsing.Faults", "Parsing.Json", "Parsing.Methods", "Parsing.Naming", "Symbols", "Parsing.Validation"]),
        ("Parsing.Contracts", ["Text", "Model", "Diagnostics", "Parsing.Delivery", "Parsing.Descriptions", "Parsing.Faults", "Parsing.Json", "Parsing.Methods", "Parsing.Naming", "Symbols", "Parsing.Validation"]),
        ("Parsing.Evolution", ["Model", "Parsing.Contracts", "Parsing.Delivery", "Parsing.Faults", "Parsing.Json", "Parsing.Methods", "Parsing.Naming", "Parsing.Validation", "Symbols", "Text"]),
        ("Analyzers", ["Diagnostics", "Model", "Parsing.Contracts", "Parsing.Evolution", "Parsing.Json", "Parsing.Methods", "Symbols"]),
        ("", ["Emitting", "Model", "Parsing.Contracts", "Parsing.Json", "Symbols"]),
    ];

    [Fact]
    public void A_layer_uses_only_layers_below_it()
    {
        for (int i = 0; i < Allowed.Length; i++)
        {
            Assert.Subset(new HashSet<string>(Allowed[..i].Select(lower => lower.Layer)), new HashSet<string>(Allowed[i].Uses));
        }
    }

    [Fact]
    public void Compiled_code_holds_the_layers() => Assert.All(UsesInCode(), Check);

    /// <summary>Constants and <c>nameof</c> leave no reference in compiled code, but they need a <c>using</c>.</summary>
    [Fact]
    public void Using_lines_hold_the_layers() => Assert.All(UsesInSource(), Check);

    [Fact]
    public void The_table_allows_nothing_that_is_unused() => Assert.Equal(
        Allowed.SelectMany(layer => layer.Uses.Select(used => $"{layer.Layer} → {used}")).Order(),
        UsesInCode().Concat(UsesInSource()).Select(use => $"{use.From} → {use.To}").Distinct().Order());

    [Fact]
    public void Namespaces_follow_folders() => Assert.All(SourceFiles(Root).Where(file => LayerOf(file) != "Polyfills"), file => Assert.Contains(
        $"\nnamespace {(Root + "." + LayerOf(file)).TrimEnd('.')};\n",
        "\n" + File.ReadAllText(file),
        StringComparison.Ordinal));

    [Fact]
    public void Models_hold_no_symbols() => Assert.DoesNotContain(
        References(typeof(RpcGenerator)),
        use => Layer(use.From.Namespace) == "Model" && IsRoslyn(use.To));

    [Fact]
    public void Emitters_see_no_symbols() => Assert.DoesNotContain(
        References(typeof(RpcGenerator)),
        use => Layer(use.From.Namespace) == "Emitting" && IsRoslyn(use.To));

    /// <summary>The generator's assembly is not even referenced: ids and properties of diagnostics are the interface.</summary>
    [Fact]
    public void Code_fixes_do_not_know_the_analyzers()
    {
        Assert.DoesNotContain(typeof(MakePartialFix).Assembly.GetReferencedAssemblies(), assembly => assembly.Name == Root);
        Assert.All(SourceFiles("RpcGen.CodeFixes"), file => Assert.DoesNotContain(Root, File.ReadAllText(file), StringComparison.Ordinal));
    }

    private static IEnumerable<Use> UsesInCode() => References(typeof(RpcGenerator))
        .Where(use => IsLayer(use.From.Namespace) && IsLayer(use.To.Namespace) && use.From.Namespace != use.To.Namespace)
        .Select(use => new Use(Layer(use.From.Namespace), Layer(use.To.Namespace), $"{use.From.FullName} uses {use.To.FullName}"));

    private static IEnumerable<Use> UsesInSource() =>
        from file in SourceFiles(Root)
        from Match match in Using().Matches(File.ReadAllText(file))
        select new Use(LayerOf(file), match.Groups["layer"].Value, $"{file}: {match.Value}");

    private static void Check(Use use)
    {
        string[]? uses = Array.Find(Allowed, layer => layer.Layer == use.From).Uses;
        Assert.True(uses is not null, $"'{use.From}' is a new layer: add it to the table.");
        Assert.True(uses.Contains(use.To), use.Description);
    }

    private static List<(TypeDefinition From, TypeReference To)> References(Type type)
    {
        using ModuleDefinition module = Read(type);
        List<(TypeDefinition From, TypeReference To)> references = [.. TypeReferences.Of(module)];
        Assert.NotEmpty(references);
        return references;
    }

    private static ModuleDefinition Read(Type type) => ModuleDefinition.ReadModule(type.Assembly.Location);

    private static bool IsLayer(string @namespace) => @namespace == Root || @namespace.StartsWith(Root + ".", StringComparison.Ordinal);

    private static string Layer(string @namespace) => IsLayer(@namespace) ? @namespace[Root.Length..].TrimStart('.') : "";

    private static string LayerOf(string file) =>
        Path.GetRelativePath(Path.Combine(Sources, Root), Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.').TrimStart('.');

    private static bool IsRoslyn(TypeReference type) => type.Namespace.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal) && type.Name != "EmbeddedAttribute";

    private static IEnumerable<string> SourceFiles(string project)
    {
        string root = Path.Combine(Sources, project);
        return Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
            .Where(file => Path.GetRelativePath(root, file).Split(Path.DirectorySeparatorChar)[0] is not ("bin" or "obj"));
    }

    [GeneratedRegex(@"^using (static )?RpcGen\.Generators\.(?<layer>[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();

    /// <summary>A use of one layer by another.</summary>
    private sealed record Use(string From, string To, string Description);
}
