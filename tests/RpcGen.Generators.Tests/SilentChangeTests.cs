using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Changes that no compiler and no serializer notices: rules, defaults, promises, forms of numbers and enums.</summary>
public sealed class SilentChangeTests
{
    private const string Contract = """
        namespace Demo;

        public enum Colour { Red, Green }
        [JsonConverter(typeof(JsonStringEnumConverter<Size>))] public enum Size { Small, [JsonStringEnumMemberName("big")] Large }
        public record Item(string Name, decimal Price, int Count = 1, Colour Chosen = Colour.Green, Colour Odd = (Colour)7)
        {
            [RegularExpression("[a-z]+"), StringLength(20, MinimumLength = 3, ErrorMessage = "?")] public string Code { get; init; } = "none";
            public Colour Colour { get; set; } = Colour.Green;
            [JsonConverter(typeof(JsonStringEnumConverter))] public Colour? Shown { get; set; }
            public Size Size { get; set; }
            [JsonNumberHandling(JsonNumberHandling.WriteAsString)] public long Serial { get; set; }
            public double Weight { get; set; } = -1.5;
            public string Note { get; set; } = string.Empty;
            public List<int> Parts { get; set; } = [];
        }

        [JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]
        public class Stock : IValidatableObject
        {
            public int Left { get; set; }
            [DataType(DataType.Date)] public DateTime Day { get; set; }
            IEnumerable<ValidationResult> IValidatableObject.Validate(ValidationContext context) => [];
        }

        [AmqpRpc, RpcTimeout(5000), RpcIdempotent]
        public partial interface IShop
        {
            Task<Stock> CountAsync([Range(1, 90)] int limit = 10, CancellationToken ct = default);
            [RpcAtMostOnce, RpcTimeout(9000)] Task PutAsync(Item item, CancellationToken ct = default);
        }
        """;

    private const string Recorded = """
        argument Demo.Shop/Count/limit = int = 10
        argument Demo.Shop/Put/item = Demo.Item required
        enum Demo.Colour/"Green" = text
        enum Demo.Colour/"Red" = text
        enum Demo.Colour/Green = 1
        enum Demo.Colour/Red = 0
        enum Demo.Size/"Small" = text
        enum Demo.Size/"big" = text
        member Demo.Item/chosen = Demo.Colour = Green
        member Demo.Item/code = string = "none"
        member Demo.Item/colour = Demo.Colour = Green
        member Demo.Item/count = int = 1
        member Demo.Item/name = string
        member Demo.Item/note = string = ""
        member Demo.Item/odd = Demo.Colour = 7
        member Demo.Item/parts = System.Collections.Generic.List<int>
        member Demo.Item/price = decimal
        member Demo.Item/serial = long
        member Demo.Item/shown = Demo.Colour? as text
        member Demo.Item/size = Demo.Size
        member Demo.Item/weight = double = -1.5
        member Demo.Stock/day = System.DateTime
        member Demo.Stock/left = int
        method Demo.Shop/Count = Demo.Stock
        method Demo.Shop/Put = void
        numbers Demo.Item/serial = WriteAsString
        numbers Demo.Stock = AllowReadingFromString
        promise Demo.Shop/Count = idempotent
        promise Demo.Shop/Put = at-most-once
        service Demo.Shop = object
        timeout Demo.Shop/Count = 5000 ms
        timeout Demo.Shop/Put = 9000 ms
        type Demo.Colour = number
        type Demo.Item = object
        type Demo.Size = text
        type Demo.Stock = object
        validation Demo.Item/code = RegularExpression("[a-z]+"); StringLength(20, MinimumLength = 3)
        validation Demo.Shop/Count/limit = Range(1, 90)
        validation Demo.Stock = IValidatableObject
        """;

    [Fact]
    public void Rules_defaults_promises_and_forms_are_recorded() => Assert.Equal(Recorded.ReplaceLineEndings("\n"), Records.LinesOf("Demo.IShop", Contract));

    [Fact]
    public void Recorded_parts_get_no_diagnostics() => Assert.Empty(Records.Compare(Contract, Recorded));

    [Theory]
    [InlineData("[Range(1, 90)]", "[Range(1, 50)]", "RPCGEN032 validation of 'Demo.Shop/Count/limit' was Range(1, 90), and is now Range(1, 50): old clients and old servers, which check it otherwise, break")]
    [InlineData("[Range(1, 90)]", "[Range(1, 90), AllowedValues(1, 3)]", "RPCGEN032 validation of 'Demo.Shop/Count/limit' was Range(1, 90), and is now AllowedValues([1, 3]); Range(1, 90): old clients, which can send what it refuses, break")]
    [InlineData("[RegularExpression(\"[a-z]+\"), ", "[", "RPCGEN032 validation of 'Demo.Item/code' was RegularExpression(\"[a-z]+\"); StringLength(20, MinimumLength = 3), and is now StringLength(20, MinimumLength = 3): old servers, which refuse what it allows, break")]
    [InlineData("[Range(1, 90)]", "", "RPCGEN034 validation of 'Demo.Shop/Count/limit', which was Range(1, 90), is missing: old servers, which still check it, break")]
    [InlineData("public Size Size", "[EnumDataType(typeof(Size))] public Size Size", "RPCGEN032 new validation of 'Demo.Item/size' is EnumDataType(Demo.Size): old clients, which can send what it refuses, break")]
    [InlineData("[Range(1, 90)]", "[Range(1, 90, ErrorMessage = \"other\")]", null)]
    [InlineData("public int Left", "[Range(0, 9)] public int Left", "RPCGEN033 validation Demo.Stock/left is new")]
    public void Validation(string before, string after, string? expected) => Assert.Equal(Split(expected), Changed(before, after));

    [Theory]
    [InlineData("limit = 10", "limit = 20", "RPCGEN032 argument 'limit' of 'Demo.Shop/Count' was 'int', by default 10, and is now 'int', by default 20: clients that leave it out, and mean the former default, break")]
    [InlineData("int limit = 10", "int limit", "RPCGEN032 argument 'limit' of 'Demo.Shop/Count' was 'int', by default 10, and is now 'int', required: old clients, which do not send it, break")]
    [InlineData("int Count = 1", "int Count = 2", "RPCGEN032 member 'count' of 'Demo.Item' was 'int', by default 1, and is now 'int', by default 2: clients that leave it out, and mean the former default, break")]
    [InlineData("decimal Price, int Count = 1", "decimal Price, int Count", "RPCGEN032 member 'count' of 'Demo.Item' was 'int', by default 1, and is now 'int': old clients, which do not send it, break")]
    [InlineData("= \"none\";", "= \"some\";", "RPCGEN032 member 'code' of 'Demo.Item' was 'string', by default \"none\", and is now 'string', by default \"some\": clients that leave it out, and mean the former default, break")]
    [InlineData("= Colour.Green;", "= Colour.Red;", "RPCGEN032 member 'colour' of 'Demo.Item' was 'Demo.Colour', by default Green, and is now 'Demo.Colour', by default Red: clients that leave it out, and mean the former default, break")]
    [InlineData("public int Left { get; set; }", "public int Left { get; set; } = 3;", "RPCGEN032 member 'left' of 'Demo.Stock' was 'int' and is now 'int', by default 3: servers that leave it out, and mean the former default, break")]
    [InlineData("= string.Empty;", "= \"\";", null)]
    [InlineData("decimal Price", "decimal Price, decimal Tax", "RPCGEN032 new member 'tax' of 'Demo.Item' is 'decimal': old clients, which do not send it, break")]
    [InlineData("public Size Size", "public decimal Tax { get; set; } public Size Size", "RPCGEN033 member Demo.Item/tax is new")]
    public void Defaults(string before, string after, string? expected) => Assert.Equal(Split(expected), Changed(before, after));

    [Theory]
    [InlineData("RpcTimeout(5000)", "RpcTimeout(4000)", "RPCGEN032 timeout of 'Demo.Shop/Count' was 5000 ms and is now 4000 ms: old clients, whose calls can take 5000 ms, break")]
    [InlineData("RpcTimeout(5000)", "RpcTimeout(6000)", "RPCGEN033 timeout Demo.Shop/Count is new")]
    [InlineData("RpcTimeout(5000), ", "", "RPCGEN034 timeout of 'Demo.Shop/Count', which was 5000 ms, is missing: nobody breaks")]
    [InlineData(", RpcIdempotent", "", "RPCGEN034 promise of 'Demo.Shop/Count', which was idempotent, is missing: old clients, which repeat a call after a failure, break")]
    [InlineData(", RpcIdempotent", ", RpcAtMostOnce", "RPCGEN032 promise of 'Demo.Shop/Count' was idempotent and is now at-most-once: old clients, which repeat a call after a failure, break")]
    [InlineData("[RpcAtMostOnce, ", "[", "RPCGEN032 promise of 'Demo.Shop/Put' was at-most-once and is now idempotent: callers that rely on one run at most break")]
    public void Promises_and_times(string before, string after, string expected) => Assert.Equal(Split(expected), Changed(before, after));

    [Theory]
    [InlineData("[AmqpRpc, RpcIdempotent]", "RPCGEN032 new promise of 'Demo.Orders/A' is idempotent: old servers, whose handlers run again when new clients repeat a call, break")]
    [InlineData("[AmqpRpc, RpcAtMostOnce]", "RPCGEN032 new promise of 'Demo.Orders/A' is at-most-once: new clients of old servers, which can run a call twice, break")]
    [InlineData("[AmqpRpc, RpcTimeout(5)]", "RPCGEN032 new timeout of 'Demo.Orders/A' is 5 ms: old clients, whose calls can take longer, break")]
    public void New_promises_and_times(string attributes, string expected) => Assert.Equal(
        Split(expected),
        Records.Compare($"namespace Demo; {attributes} public partial interface IOrders {{ Task A(CancellationToken ct); }}", "service Demo.Orders = object\nmethod Demo.Orders/A = void"));

    [Theory]
    [InlineData("JsonNumberHandling.WriteAsString", "JsonNumberHandling.WriteAsString | JsonNumberHandling.AllowReadingFromString", "RPCGEN033 numbers Demo.Item/serial is new")]
    [InlineData("JsonNumberHandling.WriteAsString", "JsonNumberHandling.Strict", "RPCGEN032 form of the numbers of 'Demo.Item/serial' was WriteAsString and is now Strict: old clients and old servers break")]
    [InlineData("[JsonNumberHandling(JsonNumberHandling.WriteAsString)] ", "", "RPCGEN034 form of the numbers of 'Demo.Item/serial', which was WriteAsString, is missing: old clients and old servers break")]
    [InlineData("[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)]", "", "RPCGEN034 form of the numbers of 'Demo.Stock', which was AllowReadingFromString, is missing: old clients and old servers that still send the other form break")]
    [InlineData("public double Weight", "[JsonNumberHandling(JsonNumberHandling.AllowNamedFloatingPointLiterals)] public double Weight", "RPCGEN032 new form of the numbers of 'Demo.Item/weight' is AllowNamedFloatingPointLiterals: old clients and old servers break")]
    [InlineData("public double Weight", "[JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] public double Weight", "RPCGEN033 numbers Demo.Item/weight is new")]
    public void Numbers(string before, string after, string expected) => Assert.Equal(Split(expected), Changed(before, after));

    [Theory]
    [InlineData("\"big\"", "\"large\"", "RPCGEN033 enum Demo.Size/\"large\" is new|RPCGEN034 value '\"big\"' of 'Demo.Size', which was 'text', is missing: old clients and old servers that still send it break")]
    [InlineData("Large }", "Huge }", null)]
    [InlineData("Small,", "Small, Middle,", "RPCGEN033 enum Demo.Size/\"Middle\" is new")]
    [InlineData("[JsonConverter(typeof(JsonStringEnumConverter))] public Colour?", "public Colour?", "RPCGEN032 member 'shown' of 'Demo.Item' was 'Demo.Colour? as text' and is now 'Demo.Colour?': old clients and old servers break|RPCGEN034 value '\"Green\"' of 'Demo.Colour', which was 'text', is missing: old clients and old servers that still send it break|RPCGEN034 value '\"Red\"' of 'Demo.Colour', which was 'text', is missing: old clients and old servers that still send it break")]
    public void Names_of_enums_that_are_text(string before, string after, string? expected) => Assert.Equal(Split(expected), Changed(before, after));

    [Fact]
    public void An_enum_that_becomes_text_is_another_form() => Assert.Contains(
        "RPCGEN032 form of the type 'Demo.Colour' was 'number' and is now 'text': old clients and old servers break",
        Changed("public enum Colour", "[JsonConverter(typeof(JsonStringEnumConverter<Colour>))] public enum Colour"));

    [Fact]
    public void A_type_that_gets_a_converter_is_another_form() => Assert.Contains(
        "RPCGEN032 form of the type 'Demo.Item' was 'object' and is now 'converted by Demo.ItemConverter': old clients and old servers break",
        Changed("public record Item", """
            public class ItemConverter : JsonConverter<Item>
            {
                public override Item Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) => throw new NotSupportedException();
                public override void Write(Utf8JsonWriter writer, Item value, JsonSerializerOptions options) => writer.WriteNullValue();
            }
            [JsonConverter(typeof(ItemConverter))] public record Item
            """));

    [Fact]
    public void The_first_member_of_a_type_can_break_peers() => Assert.Equal(
        ["RPCGEN032 new member 'n' of 'Demo.Empty' is 'int', required: old clients, which do not send it, break"],
        Records.Compare(
            "namespace Demo; public class Empty { public required int N { get; set; } } [AmqpRpc] public partial interface IOrders { Task A(Empty e, CancellationToken ct); }",
            "service Demo.Orders = object\nmethod Demo.Orders/A = void\nargument Demo.Orders/A/e = Demo.Empty required\ntype Demo.Empty = object"));

    private static IEnumerable<string> Changed(string before, string after)
    {
        Assert.Contains(before, Contract, StringComparison.Ordinal);
        return Records.Compare(Contract.Replace(before, after, StringComparison.Ordinal), Recorded);
    }

    private static IEnumerable<string> Split(string? expected) => expected?.Split('|').Order(StringComparer.Ordinal) ?? Enumerable.Empty<string>();
}
