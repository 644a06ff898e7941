using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests validation attributes that do not fit, or that generated code cannot use.</summary>
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
            [{|RPCGEN026:Range(typeof(DateOnly), "2020-01-01 10:00", "2021-01-01")|}] public DateOnly DateWithTime { get; set; }
            [{|RPCGEN026:Range(typeof(TimeOnly), "2020-01-01", "2021-01-01")|}] public TimeOnly TimeWithDate { get; set; }
            [{|RPCGEN026:Range(typeof(TimeSpan), "2020-01-01", "2021-01-01")|}] public TimeSpan SpanWithDate { get; set; }
            [Range(typeof(DateOnly), "2020-01-01", "2021-01-01")] public DateOnly FitsAsDate { get; set; }
            [Range(typeof(TimeOnly), "10:00", "11:30:15")] public TimeOnly FitsAsTime { get; set; }
            [Range(typeof(TimeSpan), "1.10:00:00", "2.00:00:00")] public TimeSpan FitsAsSpan { get; set; }
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
    public void Inaccessible_attributes() => DiagnosticTest.Check("""
        public static class Outer
        {
            private sealed class HiddenAttribute : ValidationAttribute;
            [{|RPCGEN027:Hidden|}] public class Dto { [{|RPCGEN027:Hidden|}] public string? A { get; set; } }
        }

        [AmqpRpc] public partial interface IOne { Task A(Outer.Dto dto); }
        """);

    [Fact]
    public void Attributes_with_inaccessible_arguments() => DiagnosticTest.Check("""
        public class KindAttribute(Type? type) : ValidationAttribute { public Type? Type => type; public object? Other { get; set; } }
        public class Dto
        {
            private enum Hidden { A }
            private class Secret;
            [{|RPCGEN027:Kind(typeof(Secret))|}] public string? A { get; set; }
            [{|RPCGEN027:Kind(null, Other = Hidden.A)|}] public string? B { get; set; }
            [{|RPCGEN027:Kind(null, Other = new[] { typeof(List<Local[]>) })|}] public string? C { get; set; }
            [Kind(typeof(Dictionary<,>), Other = new[] { 'a' })] public string? D { get; set; }
        }

        file class Local;
        [AmqpRpc] public partial interface IOne { Task A(Dto dto); }
        """);

    [Fact]
    public void Messages_without_a_resource() => DiagnosticTest.Check("""
        public static class Texts
        {
            public static string Good => "good {0}";
            internal static string Internal { get; } = "";
            private static string Hidden => "";
            public static int Number => 1;
            public static string Method() => Hidden;
        }

        public class Dto
        {
            [Required(ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = "Good"), Display(Name = "Good", ResourceType = typeof(Texts))] public string? A { get; set; }
            [Required(ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = "Internal"), Display(Name = "None", ResourceType = typeof(Texts))] public string? B { get; set; }
            [{|RPCGEN027:Required(ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = "None")|}] public string? C { get; set; }
            [{|RPCGEN027:MaxLength(3, ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = "Hidden")|}] public string? D { get; set; }
            [{|RPCGEN027:Url(ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = "Number")|}] public string? E { get; set; }
            [{|RPCGEN027:Range(1, 2, ErrorMessageResourceType = typeof(Texts), ErrorMessageResourceName = "Method")|}] public int F { get; set; }
        }

        [AmqpRpc] public partial interface IOne { Task A(Dto dto); }
        """);

    [Fact]
    public void Inaccessible_derived_types_with_checks() => DiagnosticTest.Check("""
        [{|RPCGEN027:JsonDerivedType(typeof(Hidden), "h")|}, JsonDerivedType(typeof(Plain), "p"), JsonDerivedType(typeof(Seen), "s")]
        public class Shape { [Range(1, 2)] public int A { get; set; } }
        file class Hidden : Shape { [Range(1, 3)] public int B { get; set; } }
        file class Plain : Shape { public int C { get; set; } }
        public class Seen : Shape { [Range(1, 3)] public int D { get; set; } }
        [AmqpRpc] public partial interface IOne { Task A(Shape shape); }
        """);

    [Fact]
    public void Members_that_do_not_travel_are_left_alone() => DiagnosticTest.Check("""
        public class Dto
        {
            [JsonIgnore, Range(1, 5)] public string? A { get; set; }
            [Range(1, 5)] internal string? B { get; set; }
            [Range(1, 5)] public static string? C { get; set; }
            [Range(1, 5)] public string? {|RPCGEN056:D|};
        }

        [AmqpRpc] public partial interface IOne { Task A(Dto dto); Task<Dto> B(); }
        """);
}
