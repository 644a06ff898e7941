using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Tests.Json;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>
/// Random legal contracts compile without a warning, run over <c>memory://</c>, and each value of each data type is sent there and back unchanged,
/// or its type has a diagnostic. RPCGEN_CONTRACTS sets how many, and RPCGEN_CONTRACT_SEED the number of the first one, which repeats it.
/// </summary>
public sealed class SeededContractTests
{
    private static readonly string[] OfData = ["RPCGEN045", "RPCGEN055", "RPCGEN056", "RPCGEN057"];

    private static readonly string[] Advice = ["RPCGEN023", "RPCGEN024", "RPCGEN025", "RPCGEN042"];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Data_arrives_or_has_a_diagnostic(bool isNullable)
    {
        int first = Number("RPCGEN_CONTRACT_SEED", isNullable ? 1 : 1001);
        ContractSource[] contracts = [.. Enumerable.Range(first, Number("RPCGEN_CONTRACTS", 30)).Select(number => new ContractSource(number, isNullable))];
        CSharpCompilation compilation = Compile.Of([.. contracts.Select(contract => contract.Text)]);
        CSharpCompilation output = GeneratorTest.Generate(compilation).Output;
        GeneratorTest.AssertNone(output.Complaints());
        IReadOnlyList<Diagnostic> found = [.. GeneratorTest.Analyze(output).Where(diagnostic => !Advice.Contains(diagnostic.Id))];
        GeneratorTest.AssertNone(found.Where(diagnostic => !OfData.Contains(diagnostic.Id)));

        Assembly assembly = Load(output);
        await using RpcConnection connection = await RpcConnection.ConnectAsync($"memory://seeded-{isNullable}", Cancel);
        var failures = new List<string>();
        int arrived = 0;
        for (int i = 0; i < contracts.Length; i++)
        {
            SyntaxTree file = compilation.SyntaxTrees.Single(tree => tree.FilePath == string.Create(CultureInfo.InvariantCulture, $"/test/File{i + 1}.cs"));
            bool isReported = found.Any(diagnostic => diagnostic.Location.SourceTree == file);
            arrived += await CheckAsync(contracts[i], output, assembly, connection, isReported, failures);
        }

        Assert.True(failures.Count == 0, string.Join("\n\n", failures));
        Assert.True(arrived >= contracts.Length / 2, $"{arrived} values arrived");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    /// <summary>Calls the methods whose data has no problem. Returns their number.</summary>
    private static async Task<int> CheckAsync(ContractSource contract, Compilation output, Assembly assembly, RpcConnection connection, bool isReported, List<string> failures)
    {
        INamedTypeSymbol symbol = output.GetTypeByMetadataName($"RpcGen.Samples.{contract.Name}")!;
        Dictionary<string, JsonProblem[]> problems = symbol.GetMembers().OfType<IMethodSymbol>()
            .Where(method => method.Name.StartsWith("Do", StringComparison.Ordinal) && method.DeclaredAccessibility == Accessibility.Public && !method.IsStatic)
            .ToDictionary(method => method.Name, method => method.Parameters.Where(parameter => parameter.Type.Name != nameof(CancellationToken)).SelectMany(parameter => new JsonWalk().In(parameter.Type)).Select(problem => problem.Problem).ToArray());
        if (problems.Values.Any(some => some.Length > 0) != isReported)
        {
            failures.Add($"{contract.Name}: problems are {(isReported ? "reported without a cause" : "not reported")}\n{contract.Text}");
        }

        Type type = assembly.GetType(symbol.ToDisplayString())!;
        try
        {
            return await CallAsync(contract, type, assembly, connection, name => problems[name].Length == 0, failures);
        }
        catch (Exception e) when ((e.InnerException ?? e) is InvalidOperationException or NotSupportedException && problems.Values.Any(some => some.Any(problem => problem.Kind is JsonProblemKind.Unsupported or JsonProblemKind.Refused)))
        {
            return 0; // refused when the client or the server is created, as it was by the compiler
        }
    }

    private static async Task<int> CallAsync(ContractSource contract, Type type, Assembly assembly, RpcConnection connection, Func<string, bool> arrives, List<string> failures)
    {
        object service = Activator.CreateInstance(assembly.GetType($"RpcGen.Samples.{contract.ServiceName}")!)!;
        object client = typeof(RpcConnection).GetMethod(nameof(RpcConnection.CreateClient))!.MakeGenericMethod(type).Invoke(connection, [null])!;
        var serving = (Task<RpcServer>)typeof(RpcConnection).GetMethod(nameof(RpcConnection.ServeAsync))!.MakeGenericMethod(type).Invoke(connection, [service, null, Cancel])!;
        await using RpcServer server = await serving;
        int calls = 0;
        foreach (MethodInfo method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public).Where(method => arrives(method.Name)))
        {
            calls++;
            var random = new Random(calls);
            object?[] arguments = [.. method.GetParameters().Select(parameter => parameter.ParameterType == typeof(CancellationToken) ? Cancel : RandomValue.Create(parameter.ParameterType, random))];
            object? back = await InvokeAsync(method, client, arguments);
            if (back is Exception || !SameValue.Are(arguments[0], back))
            {
                failures.Add($"{contract.Name}.{method.Name} {(back is Exception e ? e.Message : "changes its argument")}\n{contract.Text}");
            }
        }

        return calls;
    }

    private static async Task<object?> InvokeAsync(MethodInfo method, object client, object?[] arguments)
    {
        try
        {
            object task = method.Invoke(client, arguments)!;
            var completed = (Task)(task as Task ?? task.GetType().GetMethod("AsTask")!.Invoke(task, null)!);
            await completed;
            return completed.GetType().GetProperty("Result")!.GetValue(completed);
        }
        catch (RpcException e)
        {
            return e;
        }
    }

    private static Assembly Load(CSharpCompilation output)
    {
        using var image = new MemoryStream();
        CSharpCompilation lenient = output.WithOptions(output.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        GeneratorTest.AssertNone(lenient.Emit(image, cancellationToken: Cancel).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        image.Position = 0;
        return new AssemblyLoadContext("contracts", isCollectible: true).LoadFromStream(image);
    }
}
