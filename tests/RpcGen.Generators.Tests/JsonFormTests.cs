using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary><c>[RpcJson]</c> on contracts and assemblies, as the generator, the analyzer and the record see it.</summary>
public sealed class JsonFormTests
{
    private const string Contract = """
        namespace Demo;
        public enum Colour { Red }
        [JsonConverter(typeof(JsonStringEnumConverter<Size>))] public enum Size { Small }
        public class Car { public Colour? Colour { get; set; } public List<Size> Sizes { get; set; } = []; public DayOfWeek Day { get; set; } private enum Hidden { A } [JsonInclude] private Hidden Secret { get; set; } }
        [AmqpRpc] public partial interface ICars { Task<Car> FindAsync(long id, CancellationToken ct); }
        """;

    private const string TextEnums = "JsonConverters = [new global::System.Text.Json.Serialization.JsonStringEnumConverter<global::Demo.Colour>(), new global::System.Text.Json.Serialization.JsonStringEnumConverter<global::System.DayOfWeek>()],";

    [Theory]
    [InlineData("[assembly: RpcJson(EnumsAsText = true)]", "", "JsonForms = global::RpcGen.Generated.RpcJsonForms.EnumsAsText,", TextEnums)]
    [InlineData("", "[RpcJson(EnumsAsText = true, Int64AsText = true)]", "JsonForms = global::RpcGen.Generated.RpcJsonForms.EnumsAsText | global::RpcGen.Generated.RpcJsonForms.Int64AsText,", TextEnums)]
    [InlineData("[assembly: RpcJson(EnumsAsText = true)]", "[RpcJson(NumbersFromText = true)]", "JsonForms = global::RpcGen.Generated.RpcJsonForms.NumbersFromText,", null)]
    [InlineData("[assembly: RpcJson(EnumsAsText = true)]", "[RpcJson(EnumsAsText = false)]", null, null)]
    [InlineData("", "", null, null)]
    public void The_contract_says_what_its_JSON_is(string assembly, string attribute, string? forms, string? converters)
    {
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(assembly + Contract.Replace("[AmqpRpc]", "[AmqpRpc]" + attribute, StringComparison.Ordinal)));
        GeneratorTest.AssertNone(run.Output.Complaints());
        List<string> lines = [.. run.Files.SelectMany(file => file.Value.Split('\n')).Select(line => line.Trim())];
        Assert.Equal(forms, lines.SingleOrDefault(line => line.StartsWith("JsonForms", StringComparison.Ordinal)));
        Assert.Equal(converters, lines.SingleOrDefault(line => line.StartsWith("JsonConverters", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("CaseInsensitiveArguments = true", "int id, int ID", "RPCGEN059")]
    [InlineData("CaseInsensitiveArguments = true", "int id, int other", null)]
    [InlineData("NumbersFromText = true", "int id, int ID", null)]
    public void Names_that_differ_in_case_only(string option, string parameters, string? expected) => Assert.Equal(
        expected is null ? [] : [expected],
        GeneratorTest.Analyze(GeneratorTest.Generate(Compile.Of($"[AmqpRpc, RpcJson({option})] public partial interface IOrders {{ Task A({parameters}, CancellationToken ct); }}")).Output).Select(diagnostic => diagnostic.Id));

    [Fact]
    public void The_record_has_the_options_and_the_names_of_enums()
    {
        string code = Contract.Replace("[AmqpRpc]", "[AmqpRpc, RpcJson(EnumsAsText = true, NumbersFromText = true)]", StringComparison.Ordinal);
        string[] lines = Records.LinesOf("Demo.ICars", code).Split('\n');
        Assert.Contains("json Demo.Cars = EnumsAsText, NumbersFromText", lines);
        Assert.Contains("type Demo.Colour = text", lines);
        Assert.Contains("enum Demo.Colour/\"Red\" = text", lines);
        Assert.Contains("type Demo.Car.Hidden = number", lines); // generated code cannot name it
    }

    [Theory]
    [InlineData("", "RpcJson(Int64AsText = true)", "RPCGEN032 new JSON of the service 'Demo.Orders' is Int64AsText: old clients and old servers break")]
    [InlineData("", "RpcJson(NumbersFromText = true)", "RPCGEN033 json Demo.Orders is new")]
    [InlineData("json Demo.Orders = Int64AsText", "RpcJson(Int64AsText = true, CaseInsensitiveArguments = true)", "RPCGEN033 json Demo.Orders is new")]
    [InlineData("json Demo.Orders = NumbersFromText", "RpcJson(CaseInsensitiveArguments = true)", "RPCGEN032 JSON of the service 'Demo.Orders' was NumbersFromText and is now CaseInsensitiveArguments: old clients and old servers break")]
    [InlineData("json Demo.Orders = NumbersFromText", "Obsolete", "RPCGEN034 JSON of the service 'Demo.Orders', which was NumbersFromText, is missing: old clients and old servers that still send the other form break")]
    [InlineData("json Demo.Orders = Int64AsText", "Obsolete", "RPCGEN034 JSON of the service 'Demo.Orders', which was Int64AsText, is missing: old clients and old servers break")]
    public void Changes_of_the_JSON_name_who_breaks(string shipped, string attribute, string expected) => Assert.Equal(
        [expected],
        Records.Compare($"namespace Demo; [AmqpRpc, {attribute}] public partial interface IOrders {{ Task A(CancellationToken ct); }}", "service Demo.Orders = object\nmethod Demo.Orders/A = void\n" + shipped));
}
