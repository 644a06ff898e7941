using RpcGen.Generated;
using RpcGen.Tests.Compatibility;

namespace RpcGen.Tests.Api;

/// <summary>A contract that another version has generated is refused before its code is used.</summary>
public sealed class ContractFormatTests
{
    /// <summary>Generator and runtime of one version have the same format.</summary>
    [Fact]
    public void A_generated_contract_has_the_current_format() => Assert.Equal(ContractFormat.Current, ContractFormat.Describe<IRecorded>().Format);

    [Theory]
    [InlineData(ContractFormat.Current - 1, "an older version of RpcGen", "Build Shop.Contracts again")]
    [InlineData(ContractFormat.Current + 1, "a newer version of RpcGen", "Update the packages of RpcGen in this program")]
    public void Another_format_is_refused_with_what_to_update(int format, string cause, string remedy)
    {
        var contract = new RpcContract("q") { Name = "Shop.IOrders", Format = format };

        string message = Assert.Throws<InvalidOperationException>(() => ContractFormat.ThrowIfOther(contract, "Shop.Contracts")).Message;

        Assert.Contains("'Shop.IOrders' in Shop.Contracts", message, StringComparison.Ordinal);
        Assert.Contains(cause, message, StringComparison.Ordinal);
        Assert.Contains(remedy, message, StringComparison.Ordinal);
    }
}
