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
        argument Demo.Orders/Find/hint = string? = null
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
        type Demo.Circle = object
        type Demo.Colour = number
        type Demo.NotFoundException = exception
        type Demo.Order = object
        type Demo.Price = converted by Demo.MoneyConverter
        type Demo.Shape = object
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
    public void Recorded_parts_get_no_diagnostics() => Assert.Empty(Records.Compare(Contract, Recorded));

    [Fact]
    public void Without_files_nothing_is_compared() => Assert.Empty(GeneratorTest.Analyze(GeneratorTest.Generate(Compile.Of(Contract)).Output));

    [Theory]
    [InlineData("Task<Order?> FindAsync", "Task<Order[]> FindAsync", "RPCGEN032 result of 'Demo.Orders/Find' was 'Demo.Order?' and is now 'Demo.Order[]': old clients and old servers break")]
    [InlineData("Task<Order?> FindAsync", "IAsyncEnumerable<Order> FindAsync", "RPCGEN032 result of 'Demo.Orders/Find' was 'Demo.Order?' and is now 'stream of Demo.Order': old clients and old servers break")]
    [InlineData("int id, string? hint", "IAsyncEnumerable<int> id, string? hint", "RPCGEN032 argument 'id' of 'Demo.Orders/Find' was 'int', required, and is now 'stream of int', required: old clients and old servers break")]
    [InlineData("int id, string? hint", "long id, string? hint", "RPCGEN032 argument 'id' of 'Demo.Orders/Find' was 'int', required, and is now 'long', required: old clients and old servers break")]
    [InlineData("Order order,", "Order order, bool fast,", "RPCGEN032 new argument 'fast' of 'Demo.Orders/put' is 'bool', required: old clients, which do not send it, break")]
    [InlineData("Task<Order?> FindAsync", "Task<System.IO.Stream> FindAsync", "RPCGEN032 result of 'Demo.Orders/Find' was 'Demo.Order?' and is now 'stream of bytes': old clients and old servers break")]
    [InlineData("int id, string? hint", "System.IO.Stream id, string? hint", "RPCGEN032 argument 'id' of 'Demo.Orders/Find' was 'int', required, and is now 'stream of bytes', required: old clients and old servers break")]
    [InlineData("int id, string? hint", "int id, IProgress<int> progress, string? hint", "RPCGEN033 argument Demo.Orders/Find/progress is new")]
    [InlineData("Order order, CancellationToken ct = default", "Order order, bool fast = false, CancellationToken ct = default", "RPCGEN033 argument Demo.Orders/put/fast is new")]
    [InlineData("double? Radius { get; set; }", "double? Radius { get; set; } public required int Edge { get; set; }", "RPCGEN032 new member 'edge' of 'Demo.Circle' is 'int', required: old clients, and new clients of old servers, which do not send it, break")]
    [InlineData("double? Radius { get; set; }", "double? Radius { get; set; } public int Edge { get; set; }", "RPCGEN033 member Demo.Circle/edge is new")]
    [InlineData("Green }", "Green = 7 }", "RPCGEN032 value 'Green' of 'Demo.Colour' was '0' and is now '7': old clients and old servers break")]
    [InlineData("[RpcMethod(\"put\")]", "[RpcMethod(\"put\"), RpcOneWay]", "RPCGEN032 result of 'Demo.Orders/put' was 'void' and is now 'one-way': old clients and old servers break")]
    [InlineData("[RpcMethod(\"put\")]", "[RpcMethod(\"put\"), RpcBroadcast]", "RPCGEN032 result of 'Demo.Orders/put' was 'void' and is now 'broadcast': old clients and old servers break")]
    [InlineData("string? hint = null, ", "", "RPCGEN034 argument 'hint' of 'Demo.Orders/Find', which was 'string?', by default null, is missing: nobody breaks")]
    [InlineData("[RpcMethod(\"put\")]", "[RpcMethod(\"place\")]", "RPCGEN033 method Demo.Orders/place is new|RPCGEN033 argument Demo.Orders/place/order is new|RPCGEN034 argument 'order' of 'Demo.Orders/put', which was 'Demo.Order', required, is missing: old servers, which still require it, break|RPCGEN034 method 'Demo.Orders/put' is missing: old clients, which still call it, break")]
    [InlineData("string Id, List", "string Id, string City, List", "RPCGEN032 new member 'city' of 'Demo.Order' is 'string': old clients, which do not send it, break")]
    [InlineData("Price? Price)", "Price? Price, string City = \"x\")", "RPCGEN033 member Demo.Order/city is new")]
    [InlineData("Price? Price)", "Price? Price) { public string City { get; init; } = \"\"; }", "RPCGEN033 member Demo.Order/city is new")]
    [InlineData("Price? Price)", "Price? Price) { public string City { get; init; } = null!; }", "RPCGEN032 new member 'city' of 'Demo.Order' is 'string': old clients, which do not send it, break")]
    [InlineData("Price? Price)", "Price? Price) { public string City => Id; }", "RPCGEN033 member Demo.Order/city is new")]
    [InlineData("(int id, string? hint", "(int id = 3, string? hint", "RPCGEN033 argument Demo.Orders/Find/id is new")]
    [InlineData("string? hint = null", "string hint = \"\"", "RPCGEN032 argument 'hint' of 'Demo.Orders/Find' was 'string?', by default null, and is now 'string', by default \"\": old clients, which can send null, break")]
    [InlineData("Order order", "Order? order", "RPCGEN032 argument 'order' of 'Demo.Orders/put' was 'Demo.Order', required, and is now 'Demo.Order?', required: old servers, which can get null, break")]
    [InlineData("Task<Order?>", "Task<Order>", "RPCGEN032 result of 'Demo.Orders/Find' was 'Demo.Order?' and is now 'Demo.Order': new clients of old servers, which can send null, break")]
    [InlineData("Price? Price)", "Price Price)", "RPCGEN032 member 'price' of 'Demo.Order' was 'Demo.Price?' and is now 'Demo.Price': old clients, and new clients of old servers, which can send null, break")]
    [InlineData("public required string Name", "public string Name", "RPCGEN033 member Demo.Circle/name is new|RPCGEN033 member Demo.Shape/name is new")]
    [InlineData("double? Radius", "required double? Radius", "RPCGEN032 member 'r' of 'Demo.Circle' was 'double?' and is now 'double?', required: old clients, and new clients of old servers, which do not send it, break")]
    [InlineData("[JsonDerivedType(typeof(Circle), \"circle\")]", "[JsonPolymorphic(TypeDiscriminatorPropertyName = \"kind\"), JsonDerivedType(typeof(Circle), \"circle\")]", "RPCGEN032 new discriminator of 'Demo.Shape' is 'kind': old clients and old servers, which look for '$type', break")]
    [InlineData("\"circle\")]", "\"7\")]", "RPCGEN033 subtype Demo.Shape/\"7\" is new|RPCGEN034 type of the discriminator 'circle' of 'Demo.Shape', which was 'Demo.Circle', is missing: old clients and old servers that still send it break")]
    [InlineData("[AmqpRpc]", "[AmqpRpc(Exchange = \"orders\")]", "RPCGEN032 new exchange of the service 'Demo.Orders' is 'orders': new clients of old servers, which do not declare it, break")]
    public void Changes_name_who_breaks(string before, string after, string expected) =>
        Assert.Equal(expected.Split('|').Order(StringComparer.Ordinal), Records.Compare(Contract.Replace(before, after, StringComparison.Ordinal), Recorded));

    [Theory]
    [InlineData("[AmqpRpc(Exchange = \"orders\")]", "RPCGEN032 exchange of the service 'Demo.Orders' was 'shop' and is now 'orders': old clients and old servers break")]
    [InlineData("[AmqpRpc(Exchange = \"shop\")]", null)]
    [InlineData("[AmqpRpc]", "RPCGEN034 exchange of the service 'Demo.Orders', which was 'shop', is missing: old clients, which still publish to it, break")]
    public void The_exchange_of_a_service_is_recorded(string attribute, string? expected) =>
        Assert.Equal(expected is null ? [] : [expected], Records.Compare(Contract.Replace("[AmqpRpc]", attribute, StringComparison.Ordinal), Recorded + "\nexchange Demo.Orders = shop"));

    [Fact]
    public void Faults_of_the_interface_that_declares_a_method_are_recorded()
    {
        Compilation compilation = GeneratorTest.Generate(Compile.Of("""
            public class Fault(string message, int n) : Exception(message) { public int N { get; } = n; }
            [RpcFault<Fault>("f")] public interface IBase { Task A(CancellationToken ct); }
            [AmqpRpc] public partial interface IOrders : IBase;
            """)).Output;
        Assert.Equal(
            ["service Orders = object", "method Orders/A = void", "fault Orders/A/f = Fault", "type Fault = exception", "member Fault/n = int"],
            WireFacts.Of(compilation.GetTypeByMetadataName("IOrders")!, compilation, TestContext.Current.CancellationToken).Select(fact => fact.Line));
    }

    [Fact]
    public void Changes_in_another_project_are_reported_at_the_contract()
    {
        CSharpCompilation library = Compile.Of("namespace Library; public record Data(int N);").WithAssemblyName("Library");
        Compilation output = GeneratorTest.Generate(
            Compile.Of("[AmqpRpc] public partial interface IOrders { Task A(Library.Data data, CancellationToken ct); }").AddReferences(library.ToMetadataReference())).Output;
        var options = new AnalyzerOptions([new RecordFile("/test/RpcContracts.Shipped.txt", "service Orders = object")], new ProjectOptions([]));
        Assert.Equal(
            ["RPCGEN033 at 'IOrders'", "RPCGEN033 at 'IOrders'", "RPCGEN033 at 'A'", "RPCGEN033 at 'data'"],
            GeneratorTest.Analyze(output, options).Select(Markup.Describe));
    }

    [Theory]
    [InlineData("type Shape = object", true, "RPCGEN032")]
    [InlineData("type Shape = object", false, "RPCGEN033")]
    [InlineData("type Other = object", true, "RPCGEN033")]
    public void A_required_member_breaks_peers_of_a_shipped_type_only(string line, bool isShipped, string expected)
    {
        Compilation output = GeneratorTest.Generate(Compile.Of("""
            public class Shape { public required int N { get; set; } }
            [AmqpRpc] public partial interface IOrders { Task A(Shape shape, CancellationToken ct); }
            """)).Output;
        var options = new AnalyzerOptions(
            [
                new RecordFile("/test/RpcContracts.Shipped.txt", "service Orders = object\nmethod Orders/A = void\nargument Orders/A/shape = Shape required\n" + (isShipped ? line : "")),
                new RecordFile("/test/RpcContracts.Unshipped.txt", isShipped ? "" : line),
            ],
            new ProjectOptions([]));
        Assert.Equal([expected + " at 'N'"], GeneratorTest.Analyze(output, options).Where(diagnostic => diagnostic.Id != "RPCGEN034").Select(Markup.Describe).Where(diagnostic => diagnostic.EndsWith("'N'", StringComparison.Ordinal)));
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
}
