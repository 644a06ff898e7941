using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Evolution;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests.Units;

public sealed class MissingMembersTests
{
    private static readonly Snippet Types = new("""
        public class C
        {
            public string NoDefault { get; set; }
            public string? Nullable { get; set; }
            public int Number { get; set; }
            public string Text { get; set; } = "";
            public string ForgivenNull { get; set; } = null!;
            public string ForgivenDefault { get; set; } = default!;
            public string ForgivenText { get; set; } = ""!;
            public string Calculated => "";
            public string CalculatedGetter { get { return ""; } set { } }
            public string Field;
            public string FieldWithNull = null!;
            public string FieldWithText = "";
            [System.Diagnostics.CodeAnalysis.AllowNull] public string Allowed { get; set; }
        }
        public record Positional(string Name, decimal Price, int? Maybe, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Left, string Optional = "x", int Count = 1);
        public class Unused { public Unused() { } public Unused(int number) { Number = number; } public int Number { get; set; } }
        """);

    [Theory]
    [InlineData("C", "NoDefault", true)]
    [InlineData("C", "Nullable", false)]
    [InlineData("C", "Number", false)]
    [InlineData("C", "Text", false)]
    [InlineData("C", "ForgivenNull", true)]
    [InlineData("C", "ForgivenDefault", true)]
    [InlineData("C", "ForgivenText", false)]
    [InlineData("C", "Calculated", false)]
    [InlineData("C", "CalculatedGetter", false)]
    [InlineData("C", "Field", true)]
    [InlineData("C", "FieldWithNull", true)]
    [InlineData("C", "FieldWithText", false)]
    [InlineData("C", "Allowed", false)]
    [InlineData("Positional", "Name", true)]
    [InlineData("Positional", "Optional", false)]
    [InlineData("Positional", "Price", true)]
    [InlineData("Positional", "Maybe", false)]
    [InlineData("Positional", "Left", false)]
    [InlineData("Positional", "Count", false)]
    [InlineData("Unused", "Number", false)]
    public void Arguments_without_a_member_are_refused_if_it_would_be_null_or_a_constructor_needs_it(string type, string name, bool isRefused)
    {
        ISymbol member = Types.Member(type, name);
        List<JsonMember> members = JsonMembers.Of(member.ContainingType);
        IParameterSymbol? parameter = new JsonConstruction(member.ContainingType, members).ParameterOf(members.Single(other => other.Symbol.Name == name));
        Assert.Equal(isRefused, MissingMembers.AreRefused(member, (member as IPropertySymbol)?.Type ?? ((IFieldSymbol)member).Type, parameter));
    }
}
