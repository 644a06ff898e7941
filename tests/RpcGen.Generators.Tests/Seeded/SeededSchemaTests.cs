using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Cli.Schemas;
using RpcGen.Generated;
using RpcGen.Generators.Tests.Support;
using RpcGen.Schemas;
using RpcGen.Serialization;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>
/// The schemas of random legal contracts: what .NET writes is valid, and the server refuses bodies that a schema refuses. RPCGEN_CONTRACTS sets how
/// many contracts, RPCGEN_CONTRACT_SEED the number of the first one, and RPCGEN_MUTATIONS how many changed bodies each method gets.
/// </summary>
public sealed class SeededSchemaTests
{
    private static readonly JsonSerializerOptions Wire = RpcJsonFactory.Create([], new RpcContract("q")).Options;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Schemas_accept_what_is_written_and_refuse_what_the_server_refuses(bool isNullable)
    {
        int first = Number("RPCGEN_CONTRACT_SEED", isNullable ? 2001 : 3001);
        ContractSource[] contracts = [.. Enumerable.Range(first, Number("RPCGEN_CONTRACTS", 12)).Select(number => new ContractSource(number, isNullable, isClean: true))];
        Assembly assembly = Load(GeneratorTest.Generate(Compile.Of([.. contracts.Select(contract => contract.Text)])).Output);
        await using RpcConnection connection = await RpcConnection.ConnectAsync($"memory://schemas-{isNullable}", Cancel);
        var failures = new List<string>();
        int methods = 0;
        int refused = 0;
        foreach (ContractSource contract in contracts)
        {
            Type type = assembly.GetType($"RpcGen.Samples.{contract.Name}")!;
            object service = Activator.CreateInstance(assembly.GetType($"RpcGen.Samples.{contract.ServiceName}")!)!;
            await using RpcServer server = await (Task<RpcServer>)typeof(RpcConnection).GetMethod(nameof(RpcConnection.ServeAsync))!.MakeGenericMethod(type).Invoke(connection, [service, null, Cancel])!;
            var checks = new SchemaChecks(await connection.DescribeAsync(server.Queue, Cancel), connection.CreateDynamicClient(server.Queue), contract, failures);
            foreach (MethodInfo method in type.GetMethods(BindingFlags.Instance | BindingFlags.Public))
            {
                methods++;
                refused += await checks.CheckAsync(method, Number("RPCGEN_MUTATIONS", 20));
            }
        }

        TestContext.Current.SendDiagnosticMessage($"{methods} methods, {refused} bodies refused by schema and server");
        Assert.True(failures.Count == 0, $"{failures.Count} failures:\n{string.Join("\n\n", failures.Take(20))}");
        Assert.True(methods >= contracts.Length && refused > methods, $"{methods} methods, {refused} refusals");
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    private static Assembly Load(CSharpCompilation output)
    {
        using var image = new MemoryStream();
        CSharpCompilation lenient = output.WithOptions(output.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        GeneratorTest.AssertNone(lenient.Emit(image, cancellationToken: Cancel).Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));
        image.Position = 0;
        return new AssemblyLoadContext("schemas", isCollectible: true).LoadFromStream(image);
    }

    /// <summary>Checks the schemas of one contract.</summary>
    private sealed class SchemaChecks(RpcServiceDescription description, RpcDynamicClient client, ContractSource contract, List<string> failures)
    {
        /// <summary>Servers tolerate missing members whose default value is allowed. A schema cannot say that.</summary>
        private const string Missing = "is required.";

        /// <summary>Servers do not look for null in a collection that is the value of a <see cref="KeyValuePair{TKey, TValue}"/>.</summary>
        private static readonly string[] InPair = [".value[", ".value."];

        private readonly SchemaDocument _document = new(description.Utf8Json);

        /// <summary>Checks one method. Returns how many changed bodies the schema refused.</summary>
        public async Task<int> CheckAsync(MethodInfo method, int mutations)
        {
            RpcMethodDescription described = description.Methods.Single(known => known.Name + "Async" == method.Name || known.Name == method.Name);
            var random = new Random(mutations);
            JsonObject body = Write(method, described, random);
            Expect(described, body, "what is written is refused by the schema", Check(body, described.Arguments));
            if (await CallAsync(described, body) is not { } result)
            {
                failures.Add($"{contract.Name}.{method.Name}: what is written is refused by the server: {body.ToJsonString()}\n{contract.Text}");
                return 0;
            }

            Expect(described, body, "the result is refused by the schema", Check(result, described.Result!.Value));
            int refused = 0;
            for (int i = 0; i < mutations; i++)
            {
                JsonObject changed = BodyMutation.Of(body, random);
                IReadOnlyList<string> violations = Check(changed, described.Arguments);
                if (violations.Any(violation => !IsTolerated(violation)))
                {
                    refused++;
                    if (await CallAsync(described, changed) is not null)
                    {
                        Expect(described, changed, "the server accepts what the schema refuses", violations);
                    }
                }
            }

            return refused;
        }

        private bool IsTolerated(string violation) =>
            violation.EndsWith(Missing, StringComparison.Ordinal) || (contract.Text.Contains("KeyValuePair", StringComparison.Ordinal) && InPair.Any(path => violation.Contains(path, StringComparison.Ordinal)));

        /// <summary>The body as a client writes it. Parameters are described in their order.</summary>
        private static JsonObject Write(MethodInfo method, RpcMethodDescription described, Random random)
        {
            var body = new JsonObject();
            ParameterInfo[] parameters = [.. method.GetParameters().Where(parameter => parameter.ParameterType != typeof(CancellationToken))];
            string[] names = [.. described.Arguments.GetProperty("properties").EnumerateObject().Select(property => property.Name)];
            foreach ((ParameterInfo parameter, string name) in parameters.Zip(names))
            {
                body[name] = JsonSerializer.SerializeToNode(RandomValue.Create(parameter.ParameterType, random), parameter.ParameterType, Wire);
            }

            return body;
        }

        private IReadOnlyList<string> Check(JsonNode? value, JsonElement schema) => new SchemaValidator(_document).Check(JsonElement.Parse(value?.ToJsonString() ?? "null"), schema);

        private IReadOnlyList<string> Check(ReadOnlyMemory<byte> value, JsonElement schema) => new SchemaValidator(_document).Check(JsonElement.Parse(value.Span), schema);

        /// <summary>The result; null if the request was refused.</summary>
        private async Task<ReadOnlyMemory<byte>?> CallAsync(RpcMethodDescription method, JsonObject body)
        {
            try
            {
                return await client.CallAsync(method.Name, Encoding.UTF8.GetBytes(body.ToJsonString()), new RpcDynamicCallOptions { Delivery = method.Delivery }, Cancel);
            }
            catch (Exception e) when (e is RpcValidationException or RpcProtocolException)
            {
                return null;
            }
        }

        private void Expect(RpcMethodDescription method, JsonObject body, string problem, IReadOnlyList<string> violations)
        {
            if (violations.Count > 0)
            {
                failures.Add($"{contract.Name}.{method.Name}: {problem}: {string.Join(" ", violations)}\n{body.ToJsonString()}\n{method.Arguments}\n{contract.Text}");
            }
        }
    }
}
