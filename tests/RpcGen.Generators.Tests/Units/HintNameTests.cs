using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Tests.Units;

public sealed class HintNameTests
{
    [Theory]
    [InlineData("Demo.IOrders", "Demo.IOrders.g.cs")]
    [InlineData("Demo.I_Ä1", "Demo.I_Ä1.g.cs")]
    [InlineData("Outer`1.I+x", "Outer-00601.I-002bx.g.cs")]
    public void Invalid_characters_are_spelled_out(string metadataName, string expected) => Assert.Equal(expected, HintName.Of(Contract(metadataName), default));

    [Fact]
    public void Names_that_differ_in_case_are_numbered_in_order()
    {
        EquatableArray<string> ambiguous = HintName.FindAmbiguous(["b", "A", "a", "c", "a", "B", "C", "d"]);
        Assert.Equal(["A", "B", "C", "a", "b", "c"], ambiguous);
        Assert.Equal(
            ["A.g.cs", "a-2.g.cs", "B.g.cs", "b-2.g.cs", "C.g.cs", "c-2.g.cs", "d.g.cs"],
            new[] { "A", "a", "B", "b", "C", "c", "d" }.Select(name => HintName.Of(Contract(name), ambiguous)));
    }

    private static ContractModel Contract(string metadataName) => new()
    {
        MetadataName = metadataName,
        FullName = "",
        Namespace = null,
        ContainingTypes = default,
        Name = "",
    };
}
