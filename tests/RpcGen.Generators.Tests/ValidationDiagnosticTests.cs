using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Validation attributes that don't fit, or that generated code can't use.</summary>
public sealed class ValidationDiagnosticTests
{
    [Fact]
    public void Attributes_that_do_not_fit_their_values() => DiagnosticTest.Check("""
        public class Dto
        {
            [{|RPCGEN026:Range(1, 5)|}] public string? A { get; set; }
            [{|RPCGEN026:Range(5, 1)|}] public int B { get; set; }
            [{|RPCGEN026:Range(300, 400)|}] public byte C { get; set; }
            [{|RPCGEN026:Range(typeof(int), "x", "y")|}] public int D { get; set; }
            [{|RPCGEN026:Range(typeof(DateTime), "soon", "late")|}] public DateTime E { get; set; }
            [{|RPCGEN026:Range(typeof(DateTime), "2020-01-01", "2021-01-01")|}] public DateOnly F { get; set; }
            [{|RPCGEN026:MinLength(1)|}] public int G { get; set; }
            [{|RPCGEN026:MaxLength(1)|}] public IEnumerable<int>? H { get; set; }
            [{|RPCGEN026:Length(3, 2)|}] public string? I { get; set; }
            [{|RPCGEN026:Compare("Nothing")|}] public string? J { get; set; }
            [{|RPCGEN026:EmailAddress|}, {|RPCGEN026:Phone|}, {|RPCGEN026:Url|}, {|RPCGEN026:CreditCard|}, {|RPCGEN026:Base64String|}] public int K { get; set; }
            [{|RPCGEN026:RegularExpression("x")|}] public List<string>? L { get; set; }
            [{|RPCGEN026:StringLength(3)|}] public object? M { get; set; }
            [Range(0, 1e300)] public decimal Fits { get; set; }
            [Url] public Uri? FitsToo { get; set; }
        }

        [AmqpRpc] public partial interface IOne { Task A(Dto dto); }
        [AmqpRpc] public partial interface ITwo { Task A(List<Dto> dtos); }
        """);

    [Fact]
    public void Attributes_out_of_reach() => DiagnosticTest.Check("""
        public static class Outer
        {
            private sealed class HiddenAttribute : ValidationAttribute;
            [{|RPCGEN027:Hidden|}] public class Dto { [{|RPCGEN027:Hidden|}] public string? A { get; set; } }
        }

        [AmqpRpc] public partial interface IOne { Task A(Outer.Dto dto); }
        """);

    [Fact]
    public void Members_that_do_not_travel_are_left_alone() => DiagnosticTest.Check("""
        public class Dto
        {
            [JsonIgnore, Range(1, 5)] public string? A { get; set; }
            [Range(1, 5)] internal string? B { get; set; }
            [Range(1, 5)] public static string? C { get; set; }
            [Range(1, 5)] public string? D;
        }

        [AmqpRpc] public partial interface IOne { Task A(Dto dto); Task<Dto> B(); }
        """);
}
