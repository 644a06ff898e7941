using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Runs generated validators, and checks the paths and messages of errors.</summary>
public sealed class ValidationBehaviourTests
{
    [Fact]
    public void Violations_by_path() => Snapshot.Match(Loopback.Run("""
        public record Line([Required] string Sku, [Range(1, 100)] int Quantity);

        [JsonDerivedType(typeof(Mail), "mail")]
        public abstract record Contact;
        public record Mail([EmailAddress] string Address) : Contact;

        public class Order : IValidatableObject
        {
            [StringLength(5, MinimumLength = 2)] public string Id { get; set; } = "";
            [JsonPropertyName("rows"), MinLength(1)] public List<Line> Lines { get; set; } = [];
            public Dictionary<string, Line?>? ByKey { get; set; }
            public Order? Parent { get; set; }
            public Contact? Contact { get; set; }
            [Range(0, 1)] public double? Share { get; set; }
            public IEnumerable<ValidationResult> Validate(ValidationContext context) =>
                Share == 0.5 ? [new ValidationResult("half", [nameof(Share), nameof(Lines)]), new ValidationResult("whole")] : [];
        }

        [AmqpRpc]
        public partial interface IService
        {
            Task Put(Order order, [Range(0, 90)] int n = 5, List<string>? names = null, CancellationToken ct = default);
        }

        public static class Test
        {
            private static object Put(string body) => new { body, errors = Loopback.Errors<IService>("Put", body) };

            public static Task<object> Run() => Task.FromResult<object>(new[]
            {
                Put("{}"),
                Put("{\"order\":null,\"n\":91,\"names\":[\"a\",null]}"),
                Put("{\"order\":{},\"n\":\"x\"}"),
                Put("{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\" \",\"quantity\":0},null]}}"),
                Put("{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"byKey\":{\"k\":{\"sku\":\"s\",\"quantity\":0},\"a.b\":{\"sku\":\"s\",\"quantity\":0},\"n\":null}}}"),
                Put("{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"share\":0.5}}"),
                Put("{\"order\":{\"id\":\"abcdef\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"share\":2,\"parent\":{\"id\":\"ab\"}}}"),
                Put("{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}],\"contact\":{\"$type\":\"mail\",\"address\":\"nobody\"}}}"),
                Put("{\"order\":{\"id\":\"ab\",\"rows\":[{\"sku\":\"s\",\"quantity\":1}]}}"),
            });
        }
        """));

    [Fact]
    public void Collections_missing_from_json_are_not_enumerated() => Assert.Equal("{}", Loopback.Run("""
        using System.Collections.Immutable;

        public class Dto { [MaxLength(2)] public ImmutableArray<string> A { get; set; } public ImmutableArray<string>? B { get; set; } public (string?, int) C { get; set; } }

        [AmqpRpc]
        public partial interface IService { Task Put(Dto dto, ImmutableArray<string> all = default, CancellationToken ct = default); }

        public static class Test
        {
            public static Task<object> Run() => Task.FromResult<object>(Loopback.Errors<IService>("Put", "{\"dto\":{}}"));
        }
        """));

    [Fact]
    public void A_cycle_is_reported_instead_of_overflowing_the_stack() => Assert.Contains(
        "nested deeper than 64 levels",
        Loopback.Run("""
            public class Node { [Range(0, 1)] public int N { get; set; } public Node? Next { get; set; } }

            [AmqpRpc]
            public partial interface IService { Task Put(Node node, CancellationToken ct); }

            public static class Test
            {
                public static Task<object> Run()
                {
                    var node = new Node();
                    node.Next = node;
                    var validation = new RpcGen.Generated.RpcValidation();
                    IServiceValidation.Check(node, validation);
                    try { validation.ThrowIfInvalid(); return Task.FromResult<object>("valid"); }
                    catch (RpcValidationException e) { return Task.FromResult<object>(e.Errors); }
                }

                private static class IServiceValidation
                {
                    public static void Check(Node node, RpcGen.Generated.RpcValidation validation)
                    {
                        Type type = typeof(IService).GetNestedType("__RpcMethods", System.Reflection.BindingFlags.NonPublic)!.GetNestedType("Validation")!;
                        type.GetMethod("CheckNode")!.Invoke(null, [node, validation]);
                    }
                }
            }
            """),
        StringComparison.Ordinal);

    /// <summary>Compares the generated checks with the framework's validator, value by value.</summary>
    [Fact]
    public void Same_verdict_and_same_message_as_the_framework() => Assert.Equal("[]", Loopback.Run("""
        public class Dto
        {
            [Required, Display(Name = "a")] public string? A { get; set; }
            [Range(1, 3), Display(Name = "b")] public int? B { get; set; }
            [Range(0.5, 1.5, MinimumIsExclusive = true), Display(Name = "c")] public double C { get; set; } = 1;
            [StringLength(3, MinimumLength = 2), Display(Name = "d")] public string? D { get; set; }
            [StringLength(3), Display(Name = "e")] public string? E { get; set; }
            [MinLength(2), Display(Name = "f")] public string? F { get; set; }
            [MaxLength(2), Display(Name = "g")] public List<int>? G { get; set; }
            [Length(1, 2), Display(Name = "h")] public int[]? H { get; set; }
            [RegularExpression("[a-z]+"), Display(Name = "i")] public string? I { get; set; }
            [EmailAddress, Display(Name = "j")] public string? J { get; set; }
            [AllowedValues("x", null), Display(Name = "k")] public string? K { get; set; }
            [DeniedValues("x"), Display(Name = "l")] public string? L { get; set; }
            [Compare(nameof(A)), Display(Name = "m")] public string? M { get; set; } = "ok";
            [Range(typeof(decimal), "0.5", "2.5", MaximumIsExclusive = true), Display(Name = "n")] public decimal N { get; set; } = 1;
            [Range(typeof(DateOnly), "2020-01-01", "2020-12-31"), Display(Name = "o")] public DateOnly? O { get; set; }
            [Url, Phone, CreditCard, Base64String, Display(Name = "p")] public string? P { get; set; }
            [EnumDataType(typeof(DayOfWeek)), Display(Name = "q")] public DayOfWeek Q { get; set; }
            [Required(ErrorMessage = "{0}!"), Display(Name = "r")] public int? R { get; set; } = 1;
        }

        [AmqpRpc]
        public partial interface IService { Task Put(Dto dto, CancellationToken ct); }

        public static class Test
        {
            public static Task<object> Run()
            {
                System.Globalization.CultureInfo.CurrentCulture = System.Globalization.CultureInfo.InvariantCulture;
                Action<Dto>[] changes =
                [
                    d => { }, d => d.A = null, d => d.A = " ", d => d.B = 0, d => d.B = 4, d => d.B = 3, d => d.C = 0.5, d => d.C = double.NaN, d => d.C = 1.5, d => d.C = 1.6,
                    d => d.D = "a", d => d.D = "abcd", d => d.D = "abc", d => d.E = "abcd", d => d.F = "a", d => d.F = "ab", d => d.G = [1, 2, 3], d => d.G = [], d => d.H = [], d => d.H = [1, 2, 3], d => d.H = [1],
                    d => d.I = "A", d => d.I = "", d => d.I = "abc1", d => d.J = "x", d => d.J = "a@b", d => d.K = "y", d => d.K = "x", d => d.L = "x", d => d.L = "y", d => d.M = null, d => d.M = "other",
                    d => d.N = 0.4m, d => d.N = 2.5m, d => d.N = 2.49m, d => d.O = new DateOnly(2019, 12, 31), d => d.O = new DateOnly(2020, 12, 31), d => d.P = "zzz", d => d.Q = (DayOfWeek)9, d => d.R = null,
                ];
                var differences = new List<string>();
                for (int i = 0; i < changes.Length; i++)
                {
                    var dto = new Dto { A = "ok" };
                    changes[i](dto);
                    var results = new List<ValidationResult>();
                    Validator.TryValidateObject(dto, new ValidationContext(dto), results, validateAllProperties: true);
                    string framework = string.Join("|", results.Select(r => r.ErrorMessage).Order());
                    string ours = "";
                    try { Loopback.Client<IService>(new Service()).Put(dto, default).GetAwaiter().GetResult(); }
                    catch (RpcValidationException e) { ours = string.Join("|", e.Errors.Values.SelectMany(m => m).Order()); }
                    catch (ArgumentException) when (double.IsNaN(dto.C)) { ours = framework; }
                    framework = framework.Replace("01/01/2020 and 12/31/2020", "2020-01-01 and 2020-12-31"); // ours is the same under every culture
                    if (ours != framework) { differences.Add($"{i}: '{ours}' instead of '{framework}'"); }
                }

                return Task.FromResult<object>(differences);
            }

            private sealed class Service : IService { public Task Put(Dto dto, CancellationToken ct) => Task.CompletedTask; }
        }
        """));
}
