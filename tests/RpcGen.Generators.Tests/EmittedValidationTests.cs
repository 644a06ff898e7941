using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests the generated checks of arguments.</summary>
public sealed class EmittedValidationTests
{
    [Fact]
    public void Parameters() => Snapshot.Match(Code("""
        [AmqpRpc]
        public partial interface IService
        {
            Task A([Range(0, 90)] int n, [Required, StringLength(10, MinimumLength = 2)] string s, [EmailAddress] string? e, [Range(0.5, double.PositiveInfinity, MinimumIsExclusive = true)] double? d);
            Task B([Length(1, 3)] List<string> l, [MinLength(1)] int[]? a, [MaxLength(5)] Dictionary<string, string?> d, List<string?> fine, IEnumerable<string> lazy);
            Task C(Dictionary<int, List<string>> deep, (string A, int B) tuple, string[][] jagged);
        }
        """));

    [Fact]
    public void Objects() => Snapshot.Match(Code("""
        public enum Colour { Red }

        public sealed class EvenAttribute(int by = 2) : ValidationAttribute { public int Rest { get; set; } public override bool IsValid(object? value) => value is not int n || n % by == Rest; }
        [AttributeUsage(AttributeTargets.Class)] public sealed class WholeAttribute : ValidationAttribute;
        public static class Texts { public static string Bad => "bad {0} {1}"; }

        public record Line([Required] string Sku, [Range(1, 100), Even(3, Rest = 1)] int Quantity, [property: Range(typeof(decimal), "0.5", "1,000.25")] decimal Price)
        {
            public string Computed => Sku + Quantity;
        }

        [Whole]
        public class Order : IValidatableObject
        {
            public required string Id { get; init; }
            [JsonPropertyName("rows"), MinLength(1, ErrorMessage = "{0} wants {1} or more")] public List<Line> Lines { get; set; } = [];
            public Order? Parent { get; set; }
            [Required] public int? Number { get; set; }
            [Compare(nameof(Id)), Display(Name = "The repeated id")] public string? Repeat { get; set; }
            [RegularExpression("[a-z]+"), StringLength(5, ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = nameof(Texts.Bad))] public string? Code { get; set; }
            [AllowedValues("a", 1, null), DeniedValues((byte)2)] public object? Any { get; set; }
            [EnumDataType(typeof(Colour))] public Colour Colour { get; set; }
            [Range(typeof(DateOnly), "2020-01-01", "2030-12-31", MaximumIsExclusive = true)] public DateOnly Day { get; set; }
            [JsonIgnore, Required] public string? Ignored { get; set; }
            [Required(AllowEmptyStrings = true)] public string? Note { get; set; }
            [Range(0, 300)] public byte Small { get; set; }
            [Range(0.5, 10.5)] public long Fraction { get; set; }
            [Range(0, 1)] public float Share { get; set; }
            [Range(-1, 5)] public ulong Big { get; set; }
            [DataType(DataType.Date)] public DateTime Date { get; set; }
            public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) => [];
        }

        public record Harmless(int N, List<int> Many, Harmless? Next);

        [AmqpRpc]
        public partial interface IService
        {
            Task A(Order order, Order? other, CancellationToken ct);
            Task B(Harmless harmless, List<Harmless?> many, CancellationToken ct);
        }
        """));

    [Fact]
    public void Subtypes_generics_and_circles() => Snapshot.Match(Code("""
        [JsonDerivedType(typeof(Circle), "circle"), JsonDerivedType(typeof(Square), "square"), JsonDerivedType(typeof(Cube), "cube")]
        public abstract record Shape([property: Range(0, 5)] int Colour);
        public record Circle(int Colour, [Range(1, 2)] double Radius) : Shape(Colour);
        public record Square(int Colour, double Side) : Shape(Colour);
        public record Cube(int Colour, double Side, string Name) : Square(Colour, Side);
        public record Node<T>(T Value, Node<T>? Next);
        public struct Pair { public string A { get; set; } [JsonInclude] public string? B; [JsonIgnore, Range(1, 2)] public int Field; }

        [AmqpRpc]
        public partial interface IService
        {
            Task A(Shape shape, CancellationToken ct);
            Task B(Node<string> strict, Node<string?> loose, Node<int> number, CancellationToken ct);
            Task C(Pair pair, Pair? maybe, List<Pair?> many, CancellationToken ct);
        }
        """));

    private static string Code(string source) => string.Join('\n', GeneratorTest.Run(source)["IService.g.cs"]
        .Split('\n')
        .SkipWhile(line => !line.Contains("public sealed class AMethod(", StringComparison.Ordinal))
        .Aggregate((Lines: new List<string>(), Taking: false), Pick)
        .Lines) + "\n";

    /// <summary>Extracts the <c>Validate</c> methods and the class with the validators.</summary>
    private static (List<string> Lines, bool Taking) Pick((List<string> Lines, bool Taking) state, string line)
    {
        bool taking = (state.Taking || line.Contains("void Validate(", StringComparison.Ordinal) || line.Contains("class Validation", StringComparison.Ordinal)) &&
            !line.Contains("InvokeAsync(", StringComparison.Ordinal);
        if (taking)
        {
            state.Lines.Add(line);
        }

        return (state.Lines, taking);
    }
}
