using System.Reflection;
using System.Text.Json;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generated;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Tests.Support;
using RpcGen.Serialization;

namespace RpcGen.Generators.Tests.Json;

/// <summary>The analyzer's rules for JSON are those of the serializer: for each sample, both are asked what becomes of a value.</summary>
public sealed class SerializerComparisonTests
{
    private const string SamplesType = "RpcGen.Samples.Samples";

    private static readonly JsonSerializerOptions Options = RpcJsonFactory.Create([], new RpcContract("Samples")).Options;

    private static readonly CSharpCompilation Compilation = Compile.Of([.. Directory
        .GetFiles(Path.Combine(Compile.Metadata("ProjectDirectory"), "Json", "Samples"))
        .Select(File.ReadAllText)]);

    private static readonly Lazy<Type> Compiled = new(Load);

    public static TheoryData<string> Names =>
        [.. Compilation.GetTypeByMetadataName(SamplesType)!.GetMembers().OfType<IPropertySymbol>().Select(sample => sample.Name)];

    /// <summary>What becomes of values of a type.</summary>
    private enum Fate
    {
        Arrives,
        Changes,
        Fails,
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Analyzer_and_serializer_agree(string name)
    {
        (Fate fate, string reason) = Ask(Compiled.Value.GetProperty(name)!);
        IPropertySymbol analyzed = Compilation.GetTypeByMetadataName(SamplesType)!.GetMembers(name).OfType<IPropertySymbol>().Single();
        List<JsonProblem> problems = [.. new JsonWalk().In(analyzed.Type).Select(found => found.Problem)];
        Fate expected = problems.Any(problem => problem.Kind is JsonProblemKind.Unsupported or JsonProblemKind.Refused) ? Fate.Fails
            : problems.Count > 0 ? Fate.Changes
            : Fate.Arrives;
        Assert.True(
            fate == expected,
            $"{name}: the serializer says {fate} ({reason}), and the analyzer {expected}: {string.Join("; ", problems.Select(problem => $"{problem.Where.Name}: {problem.Cause}"))}");
    }

    [Fact]
    public void The_sample_is_large_and_has_every_fate()
    {
        ILookup<Fate, string> fates = Compiled.Value.GetProperties().ToLookup(sample => Ask(sample).Fate, sample => sample.Name);
        Assert.All(Enum.GetValues<Fate>(), fate => Assert.True(fates[fate].Count() >= 25, $"{fate}: {fates[fate].Count()}"));
    }

    /// <summary>Types whose failure depends on the value, which no check of types can know.</summary>
    private static readonly string[] FailuresOfValues = ["Endless", "Exception", "ByNullable", "ByRecord", "ByTuple", "ByObject", "GetterOfType", "CancellationToken", "StringCollection"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Clients_and_servers_are_not_created_for_types_that_fail(string name)
    {
        PropertyInfo sample = Compiled.Value.GetProperty(name)!;
        bool isRefused = ContractTypes.FindProblem(sample.PropertyType, isRead: true, Options) is not null || ContractTypes.FindProblem(sample.PropertyType, isRead: false, Options) is not null;
        Assert.Equal(Ask(sample).Fate == Fate.Fails && !FailuresOfValues.Contains(name), isRefused);
    }

    private static (Fate Fate, string Reason) Ask(PropertyInfo sample)
    {
        object value = sample.GetValue(null)!;
        Type type = sample.PropertyType;
        try
        {
            string sent = JsonSerializer.Serialize(value, type, Options);
            object arrived = JsonSerializer.Deserialize(sent, type, Options)!;
            JsonSerializer.Serialize(arrived, type, Options); // fills what is calculated on demand, as the first call did
            return (SameValue.Are(value, arrived) ? Fate.Arrives : Fate.Changes, sent);
        }
#pragma warning disable CA1031 // Any failure is an answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return (Fate.Fails, e.Message);
        }
    }

    private static Type Load()
    {
        using var image = new MemoryStream();
        CSharpCompilation lenient = Compilation.WithOptions(Compilation.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        Assert.Empty(lenient.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        return Assembly.Load(image.ToArray()).GetType(SamplesType)!;
    }
}
