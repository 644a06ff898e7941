using System.Text.Json;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Parsing.Descriptions;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>The facts for descriptions: texts, rules, null elements, names of enums.</summary>
public sealed class FactsTests
{
    [Fact]
    public void Texts_come_from_Description_and_else_from_documentation()
    {
        JsonElement facts = Facts("""
            /// <summary>Takes <see cref="Order"/>s
            /// of the <paramref name="x"/>.</summary>
            [AmqpRpc]
            public partial interface IOrders
            {
                /// <summary>Places an order. &lt;fast&gt;</summary>
                /// <param name="order">What to order.</param>
                /// <returns>Its <c>number</c>.</returns>
                Task<int> PlaceAsync(Order order, CancellationToken ct);

                /// <summary>Hidden.</summary>
                [System.ComponentModel.Description("Finds.")]
                Task FindAsync([System.ComponentModel.Description("An id.")] int id, CancellationToken ct);
            }

            /// <summary>An order.</summary>
            /// <param name="Customer">Who orders.</param>
            public sealed record Order(string Customer)
            {
                /// <summary>A note.</summary>
                public string? Note { get; set; }
            }
            """);

        JsonElement place = facts.GetProperty("methods").GetProperty("Place");
        JsonElement find = facts.GetProperty("methods").GetProperty("Find");
        JsonElement order = facts.GetProperty("types").GetProperty("Order");
        Assert.Equal("Takes Orders of the x.", Text(facts, "summary"));
        Assert.Equal("Places an order. <fast>", Text(place, "summary"));
        Assert.Equal("What to order.", Text(place, "arguments", "order", "description"));
        Assert.Equal("Its number.", Text(place, "result", "description"));
        Assert.Equal("Finds.", Text(find, "summary"));
        Assert.Equal("An id.", Text(find, "arguments", "id", "description"));
        Assert.Equal("An order.", Text(order, "description"));
        Assert.Equal("Who orders.", Text(order, "properties", "customer", "description"));
        Assert.Equal("A note.", Text(order, "properties", "note", "description"));
    }

    [Fact]
    public void Without_documentation_there_are_no_texts()
    {
        const string Source = """
            /// <summary>Text.</summary>
            [AmqpRpc] public partial interface IOrders { Task A(int a, CancellationToken ct); }
            """;
        CSharpCompilation compilation = Compile.Of(Source);
        compilation = compilation.RemoveAllSyntaxTrees().AddSyntaxTrees(compilation.SyntaxTrees.Select(tree =>
            CSharpSyntaxTree.ParseText(tree.ToString(), Compile.ParseOptions.WithDocumentationMode(Microsoft.CodeAnalysis.DocumentationMode.None), tree.FilePath)));

        Assert.Equal("{}", TextOf(GeneratorTest.Generate(compilation).Facts.Values.Single()));
    }

    [Theory]
    [InlineData("[Range(1, 100)] int", """{"minimum":1,"maximum":100}""")]
    [InlineData("[Range(typeof(decimal), \"0.5\", \"10\")] decimal", """{"minimum":0.5,"maximum":10}""")]
    [InlineData("[Range(0.0, 1.0, MinimumIsExclusive = true, MaximumIsExclusive = true)] double", """{"exclusiveMinimum":0,"exclusiveMaximum":1}""")]
    [InlineData("[Range(typeof(DateOnly), \"2020-01-01\", \"2030-01-01\")] DateOnly", """{"x-validation":["Range"]}""")]
    [InlineData("[StringLength(9, MinimumLength = 2)] string", """{"minLength":2,"maxLength":9}""")]
    [InlineData("[MinLength(1), MaxLength(3)] int[]", """{"minItems":1,"maxItems":3}""")]
    [InlineData("[Length(1, 2)] Dictionary<string, int>", """{"minProperties":1,"maxProperties":2}""")]
    [InlineData("[MaxLength(9)] byte[]", """{"x-validation":["MaxLength"]}""")]
    [InlineData("[RegularExpression(\"[a-z]+\")] string", """{"pattern":"^(?:[a-z]\u002B)?$"}""")]
    [InlineData("[RegularExpression(\"(?i)[a-z]+\")] string", """{"x-pattern-dotnet":"(?i)[a-z]\u002B"}""")]
    [InlineData("[Required] string?", """{"nullable":false,"pattern":"\\S"}""")]
    [InlineData("[Required(AllowEmptyStrings = true)] string?", """{"nullable":false}""")]
    [InlineData("[EmailAddress, CreditCard, Phone] string", """{"format":"email","x-validation":["CreditCard","Phone"]}""")]
    [InlineData("[AllowedValues(\"a\", \"b\")] string", """{"enum":["a","b"]}""")]
    [InlineData("[DeniedValues(3)] int", """{"not":{"enum":[3]}}""")]
    [InlineData("string?", """{"nullable":true}""")]
    [InlineData("List<string?>", """{"items":{"nullable":true}}""")]
    [InlineData("Dictionary<string, string?[]>?", """{"additionalProperties":{"items":{"nullable":true}},"nullable":true}""")]
    [InlineData("(string, string?)", """{"properties":{"Item1":{"nullable":false},"Item2":{"nullable":true}}}""")]
    [InlineData("int", "")]
    [InlineData("List<string>", "")]
    public void An_argument(string parameter, string expected)
    {
        JsonElement facts = Facts($"[AmqpRpc] public partial interface IOrders {{ Task AAsync({parameter} a, CancellationToken ct); }}");

        string actual = facts.TryGetProperty("methods", out JsonElement methods) ? methods.GetProperty("A").GetProperty("arguments").GetProperty("a").GetRawText() : "";
        Assert.Equal(expected.Replace("\\u002B", "+", StringComparison.Ordinal), actual);
    }

    [Fact]
    public void Types_have_their_members_names_and_rules()
    {
        JsonElement types = Facts("""
            [AmqpRpc] public partial interface IOrders { [RpcFault<GoneException>("gone")] Task<Page<Outer.Line>> A(State state, Options options, CancellationToken ct); }
            public enum State : byte { Open, Paid = 7 }
            [Flags] public enum Options { None = 0, Fast = 1 }
            public sealed record Page<T>(T First, List<T> All);
            public static class Outer
            {
                public sealed class Line : IValidatableObject
                {
                    [Required] public string? Article { get; set; }
                    [JsonPropertyName("n"), Obsolete("Count.")] public int Number { get; set; }
                    [JsonIgnore, MinLength(3)] public string? Hidden { get; set; }
                    public IEnumerable<ValidationResult> Validate(ValidationContext context) => [];
                }
            }
            public sealed class GoneException(string message, string?[] what) : Exception(message) { public string?[] What { get; } = what; }
            """).GetProperty("types");

        Assert.Equal("""{"names":["Open","Paid"],"values":[0,7]}""", types.GetProperty("State").GetRawText());
        Assert.Equal("""{"names":["None","Fast"],"values":[0,1],"flags":true}""", types.GetProperty("Options").GetRawText());
        Assert.Equal("""{"properties":{"first":{"nullable":false}}}""", types.GetProperty("Page<Outer+Line>").GetRawText());
        Assert.Equal(
            """{"properties":{"article":{"nullable":false,"pattern":"\\S"},"n":{"deprecated":true,"x-deprecated":"Count."}},"required":["article"],"x-validation":["IValidatableObject"]}""",
            types.GetProperty("Outer+Line").GetRawText());
    }

    [Theory]
    [InlineData("[a-z]+", true)]
    [InlineData("(?:a|b)(?=c)\\d\\.", true)]
    [InlineData("(?<name>a)", false)]
    [InlineData("(?>a)", false)]
    [InlineData("\\p{L}", false)]
    [InlineData("\\Aa\\z", false)]
    [InlineData("[a-z-[b]]", false)]
    [InlineData("a\\", false)]
    public void Patterns_that_mean_the_same_elsewhere(string pattern, bool isPortable) => Assert.Equal(isPortable, EcmaPatterns.IsPortable(pattern));

    [Fact]
    public void An_edited_text_emits_only_the_facts()
    {
        const string Source = "/// <summary>One.</summary>\n[AmqpRpc] public partial interface IOrders { Task A(int a, CancellationToken ct); }";
        CSharpCompilation compilation = Compile.Of(Source);
        GeneratorRun run = GeneratorTest.Generate(compilation);
        Microsoft.CodeAnalysis.SyntaxTree before = compilation.SyntaxTrees[1];

        var result = GeneratorTest.Result(run.Driver.RunGenerators(compilation.ReplaceSyntaxTree(
            before, CSharpSyntaxTree.ParseText(Source.Replace("One", "Two", StringComparison.Ordinal), Compile.ParseOptions, before.FilePath, cancellationToken: TestContext.Current.CancellationToken)), TestContext.Current.CancellationToken));

        Assert.All(Steps.Reasons(result, RpcGenerator.Steps.Files), reason => Assert.True(Steps.IsCached(reason)));
        Assert.All(Steps.Reasons(result, RpcGenerator.Steps.FactsFiles), reason => Assert.False(Steps.IsCached(reason)));
    }

    private static JsonElement Facts(string source)
    {
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(source));
        return JsonElement.Parse(TextOf(run.Facts.Values.Single()));
    }

    /// <summary>The constant in a generated file.</summary>
    private static string TextOf(string file) => CSharpSyntaxTree.ParseText(file).GetRoot().DescendantNodes().OfType<LiteralExpressionSyntax>()
        .Last(literal => literal.Parent is EqualsValueClauseSyntax).Token.ValueText;

    private static string? Text(JsonElement node, params string[] path) => path.Aggregate(node, (at, name) => at.GetProperty(name)).GetString();
}
