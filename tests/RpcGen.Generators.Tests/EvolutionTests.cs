using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using RpcGen.CodeFixes;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Parsing.Evolution;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Compares contracts with their records.</summary>
public sealed class EvolutionTests
{
    private const string Contract = """
        namespace Demo;

        public enum Colour : short { Red = -1, Green }
        public class Money;
        [JsonConverter(typeof(MoneyConverter))] public class Price;
        public class MoneyConverter : JsonConverter<Price>
        {
            public override Price Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => new();
            public override void Write(Utf8JsonWriter writer, Price value, JsonSerializerOptions options) => writer.WriteNullValue();
        }

        [JsonDerivedType(typeof(Circle), "circle")] public abstract class Shape { public required string Name { get; set; } }
        public class Circle : Shape { [JsonPropertyName("r")] public double? Radius { get; set; } [JsonIgnore] public int Skipped { get; set; } }
        public record Order(string Id, List<Shape> Shapes, Dictionary<string, Colour> Colours, Price? Price);
        public class NotFoundException(string message, int id) : Exception(message) { public int Id { get; } = id; }

        [AmqpRpc]
        public partial interface IOrders
        {
            [RpcFault<NotFoundException>("not-found")]
            Task<Order?> FindAsync(int id, string? hint = null, CancellationToken ct = default);
            [RpcMethod("put")] Task PlaceAsync(Order order, CancellationToken ct = default);
        }
        """;

    private const string Recorded = """
        argument Demo.Orders/Find/hint = string?
        argument Demo.Orders/Find/id = int required
        argument Demo.Orders/put/order = Demo.Order required
        enum Demo.Colour/Green = 0
        enum Demo.Colour/Red = -1
        fault Demo.Orders/Find/not-found = Demo.NotFoundException
        member Demo.Circle/name = string required
        member Demo.Circle/r = double?
        member Demo.NotFoundException/id = int
        member Demo.Order/colours = System.Collections.Generic.Dictionary<string, Demo.Colour>
        member Demo.Order/id = string
        member Demo.Order/price = Demo.Price?
        member Demo.Order/shapes = System.Collections.Generic.List<Demo.Shape>
        member Demo.Shape/name = string required
        method Demo.Orders/Find = Demo.Order?
        method Demo.Orders/put = void
        service Demo.Orders = object
        subtype Demo.Shape/circle = Demo.Circle
        type Demo.Price = converted by Demo.MoneyConverter
        """;

    [Fact]
    public void All_that_peers_rely_on_is_recorded()
    {
        Compilation compilation = GeneratorTest.Generate(Compile.Of(Contract)).Output;
        IEnumerable<string> lines = WireFacts.Of(compilation.GetTypeByMetadataName("Demo.IOrders")!, compilation, TestContext.Current.CancellationToken)
            .Select(fact => fact.Line)
            .Order(StringComparer.Ordinal);
        Assert.Equal(Recorded.ReplaceLineEndings("\n"), string.Join('\n', lines));
    }

    [Fact]
    public void Recorded_parts_get_no_diagnostics() => Assert.Empty(Compare(Contract, Recorded));

    [Fact]
    public void Without_files_nothing_is_compared() => Assert.Empty(GeneratorTest.Analyze(GeneratorTest.Generate(Compile.Of(Contract)).Output));

    [Theory]
    [InlineData("Task<Order?> FindAsync", "Task<Order[]> FindAsync", "RPCGEN032 method Demo.Orders/Find is shipped as 'Demo.Order?' and now is 'Demo.Order[]': old clients and old servers break")]
    [InlineData("Task<Order?> FindAsync", "IAsyncEnumerable<Order> FindAsync", "RPCGEN032 method Demo.Orders/Find is shipped as 'Demo.Order?' and now is 'stream of Demo.Order': old clients and old servers break")]
    [InlineData("int id, string? hint", "IAsyncEnumerable<int> id, string? hint", "RPCGEN032 argument Demo.Orders/Find/id is shipped as 'int required' and now is 'stream of int required': old clients and old servers break")]
    [InlineData("Task<Order?> FindAsync", "Task<System.IO.Stream> FindAsync", "RPCGEN032 method Demo.Orders/Find is shipped as 'Demo.Order?' and now is 'stream of bytes': old clients and old servers break")]
    [InlineData("int id, string? hint", "System.IO.Stream id, string? hint", "RPCGEN032 argument Demo.Orders/Find/id is shipped as 'int required' and now is 'stream of bytes required': old clients and old servers break")]
    [InlineData("int id, string? hint", "int id, IProgress<int> progress, string? hint", "RPCGEN033 argument Demo.Orders/Find/progress is new")]
    [InlineData("int id, string? hint", "long id, string? hint", "RPCGEN032 argument Demo.Orders/Find/id is shipped as 'int required' and now is 'long required': old clients and old servers break")]
    [InlineData("Order order,", "Order order, bool fast,", "RPCGEN032 argument Demo.Orders/put/fast is shipped as 'nothing' and now is 'bool required': old clients, which do not send it, break")]
    [InlineData("Order order, CancellationToken ct = default", "Order order, bool fast = false, CancellationToken ct = default", "RPCGEN033 argument Demo.Orders/put/fast is new")]
    [InlineData("double? Radius { get; set; }", "double? Radius { get; set; } public required int Edge { get; set; }", "RPCGEN032 member Demo.Circle/edge is shipped as 'nothing' and now is 'int required': old clients, and new clients of old servers, which do not send it, break")]
    [InlineData("double? Radius { get; set; }", "double? Radius { get; set; } public int Edge { get; set; }", "RPCGEN033 member Demo.Circle/edge is new")]
    [InlineData("Green }", "Green = 7 }", "RPCGEN032 enum Demo.Colour/Green is shipped as '0' and now is '7': old clients and old servers break")]
    [InlineData("[RpcMethod(\"put\")]", "[RpcMethod(\"put\"), RpcOneWay]", "RPCGEN032 method Demo.Orders/put is shipped as 'void' and now is 'one-way': old clients and old servers break")]
    [InlineData("[RpcMethod(\"put\")]", "[RpcMethod(\"put\"), RpcBroadcast]", "RPCGEN032 method Demo.Orders/put is shipped as 'void' and now is 'broadcast': old clients and old servers break")]
    [InlineData("string? hint = null, ", "", "RPCGEN034 argument Demo.Orders/Find/hint is recorded but missing: old servers, which still require it, break")]
    [InlineData("[RpcMethod(\"put\")]", "[RpcMethod(\"place\")]", "RPCGEN033 method Demo.Orders/place is new|RPCGEN033 argument Demo.Orders/place/order is new|RPCGEN034 argument Demo.Orders/put/order is recorded but missing: old servers, which still require it, break|RPCGEN034 method Demo.Orders/put is recorded but missing: old clients, which still call it, break")]
    [InlineData("string Id, List", "string Id, string City, List", "RPCGEN032 member Demo.Order/city is shipped as 'nothing' and now is 'string': old clients, which do not send it, break")]
    [InlineData("Price? Price)", "Price? Price, string City = \"x\")", "RPCGEN033 member Demo.Order/city is new")]
    [InlineData("Price? Price)", "Price? Price) { public string City { get; init; } = \"\"; }", "RPCGEN033 member Demo.Order/city is new")]
    [InlineData("Price? Price)", "Price? Price) { public string City { get; init; } = null!; }", "RPCGEN032 member Demo.Order/city is shipped as 'nothing' and now is 'string': old clients, which do not send it, break")]
    [InlineData("Price? Price)", "Price? Price) { public string City => Id; }", "RPCGEN033 member Demo.Order/city is new")]
    [InlineData("(int id, string? hint", "(int id = 3, string? hint", "RPCGEN033 argument Demo.Orders/Find/id is new")]
    [InlineData("string? hint = null", "string hint = \"\"", "RPCGEN032 argument Demo.Orders/Find/hint is shipped as 'string?' and now is 'string': old clients, which can send null, break")]
    [InlineData("Order order", "Order? order", "RPCGEN032 argument Demo.Orders/put/order is shipped as 'Demo.Order required' and now is 'Demo.Order? required': old servers, which can get null, break")]
    [InlineData("Task<Order?>", "Task<Order>", "RPCGEN032 method Demo.Orders/Find is shipped as 'Demo.Order?' and now is 'Demo.Order': new clients of old servers, which can send null, break")]
    [InlineData("Price? Price)", "Price Price)", "RPCGEN032 member Demo.Order/price is shipped as 'Demo.Price?' and now is 'Demo.Price': old clients, and new clients of old servers, which can send null, break")]
    [InlineData("public required string Name", "public string Name", "RPCGEN033 member Demo.Circle/name is new|RPCGEN033 member Demo.Shape/name is new")]
    [InlineData("double? Radius", "required double? Radius", "RPCGEN032 member Demo.Circle/r is shipped as 'double?' and now is 'double? required': old clients, and new clients of old servers, which do not send it, break")]
    [InlineData("[JsonDerivedType(typeof(Circle), \"circle\")]", "[JsonPolymorphic(TypeDiscriminatorPropertyName = \"kind\"), JsonDerivedType(typeof(Circle), \"circle\")]", "RPCGEN032 discriminator Demo.Shape is shipped as 'nothing' and now is 'kind': old clients and old servers, which look for '$type', break")]
    [InlineData("\"circle\")]", "\"7\")]", "RPCGEN033 subtype Demo.Shape/\"7\" is new|RPCGEN034 subtype Demo.Shape/circle is recorded but missing: old clients and old servers that still send it break")]
    [InlineData("[AmqpRpc]", "[AmqpRpc(Exchange = \"orders\")]", "RPCGEN032 exchange Demo.Orders is shipped as 'nothing' and now is 'orders': new clients of old servers, which do not declare it, break")]
    public void Changes_name_who_breaks(string before, string after, string expected) =>
        Assert.Equal(expected.Split('|').Order(StringComparer.Ordinal), Compare(Contract.Replace(before, after, StringComparison.Ordinal), Recorded));

    [Theory]
    [InlineData("[AmqpRpc(Exchange = \"orders\")]", "RPCGEN032 exchange Demo.Orders is shipped as 'shop' and now is 'orders': old clients and old servers break")]
    [InlineData("[AmqpRpc(Exchange = \"shop\")]", null)]
    [InlineData("[AmqpRpc]", "RPCGEN034 exchange Demo.Orders is recorded but missing: old clients, which still publish to it, break")]
    public void The_exchange_of_a_service_is_recorded(string attribute, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], Compare(Contract.Replace("[AmqpRpc]", attribute, StringComparison.Ordinal), Recorded + "\nexchange Demo.Orders = shop"));

    [Fact]
    public void Faults_of_the_interface_that_declares_a_method_are_recorded()
    {
        Compilation compilation = GeneratorTest.Generate(Compile.Of("""
            public class Fault(string message, int n) : Exception(message) { public int N { get; } = n; }
            [RpcFault<Fault>("f")] public interface IBase { Task A(CancellationToken ct); }
            [AmqpRpc] public partial interface IOrders : IBase;
            """)).Output;
        Assert.Equal(
            ["service Orders = object", "method Orders/A = void", "fault Orders/A/f = Fault", "member Fault/n = int"],
            WireFacts.Of(compilation.GetTypeByMetadataName("IOrders")!, compilation, TestContext.Current.CancellationToken).Select(fact => fact.Line));
    }

    [Fact]
    public void Changes_in_another_project_are_reported_at_the_contract()
    {
        CSharpCompilation library = Compile.Of("namespace Library; public record Data(int N);").WithAssemblyName("Library");
        Compilation output = GeneratorTest.Generate(
            Compile.Of("[AmqpRpc] public partial interface IOrders { Task A(Library.Data data, CancellationToken ct); }").AddReferences(library.ToMetadataReference())).Output;
        var options = new AnalyzerOptions([new Text("/test/RpcContracts.Shipped.txt", "service Orders = object")], new ProjectOptions([]));
        Assert.Equal(
            ["RPCGEN033 at 'IOrders'", "RPCGEN033 at 'A'", "RPCGEN033 at 'data'"],
            GeneratorTest.Analyze(output, options).Select(Markup.Describe));
    }

    [Theory]
    [InlineData("subtype Shape/circle = Circle", true, "RPCGEN032")]
    [InlineData("member Shape/m = int", true, "RPCGEN032")]
    [InlineData("member Shape/m = int", false, "RPCGEN033")]
    [InlineData("member Other/m = int", true, "RPCGEN033")]
    [InlineData("enum Shape/m = 1", true, "RPCGEN033")]
    public void A_required_member_breaks_peers_of_a_shipped_type_only(string line, bool isShipped, string expected)
    {
        Compilation output = GeneratorTest.Generate(Compile.Of("""
            public class Shape { public required int N { get; set; } }
            [AmqpRpc] public partial interface IOrders { Task A(Shape shape, CancellationToken ct); }
            """)).Output;
        var options = new AnalyzerOptions(
            [
                new Text("/test/RpcContracts.Shipped.txt", "service Orders = object\nmethod Orders/A = void\nargument Orders/A/shape = Shape required\n" + (isShipped ? line : "")),
                new Text("/test/RpcContracts.Unshipped.txt", isShipped ? "" : line),
            ],
            new ProjectOptions([]));
        Assert.Equal([expected + " at 'N'"], GeneratorTest.Analyze(output, options).Where(diagnostic => diagnostic.Id != "RPCGEN034").Select(Markup.Describe));
    }

    [Fact]
    public Task A_fix_records_new_parts()
    {
        const string Orders = "[AmqpRpc] public partial interface IOrders { Task<string> FindAsync(int id, CancellationToken ct); }";
        const string Marked = "[AmqpRpc] public partial interface IOrders { Task<string> {|RPCGEN033:FindAsync|}(int {|RPCGEN033:id|}, CancellationToken ct); }";
        return FixTest<EvolutionAnalyzer, RecordContractFix>.RunWithFiles(
            Marked,
            Orders,
            ("RpcContracts.Shipped.txt", "service Orders = object\n", "service Orders = object\n"),
            ("RpcContracts.Unshipped.txt", "# Comments stay.\nargument Orders/Find/id = long required\n", "# Comments stay.\nargument Orders/Find/id = int required\nmethod Orders/Find = string\n"));
    }

    private static IEnumerable<string> Compare(string code, string shipped)
    {
        Compilation output = GeneratorTest.Generate(Compile.Of(code)).Output;
        var options = new AnalyzerOptions([new Text("/test/RpcContracts.Shipped.txt", shipped)], new ProjectOptions([]));
        return GeneratorTest.Analyze(output, options)
            .Select(Describe)
            .Order(StringComparer.Ordinal);
    }

    /// <summary>The message without the remedy.</summary>
    private static string Describe(Diagnostic diagnostic)
    {
        string message = diagnostic.GetMessage(CultureInfo.InvariantCulture);
        int key = message.IndexOf('\'', 1);
        string rest = message[(key + 1)..];
        int end = diagnostic.Id == "RPCGEN033" ? rest.IndexOf(':', StringComparison.Ordinal) : rest.IndexOf(" break", StringComparison.Ordinal) + " break".Length;
        return $"{diagnostic.Id} {message[1..key]}{rest[..end]}";
    }

    private sealed class Text(string path, string text) : AdditionalText
    {
        public override string Path => path;

        public override SourceText GetText(CancellationToken cancellationToken = default) => SourceText.From(text);
    }
}
