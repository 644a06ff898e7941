using RpcGen.EndToEnd.Contracts;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Calls;

/// <summary>Round trips of methods from base interfaces of another assembly, and from generic ones.</summary>
public abstract class BaseContractTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task A_contract_of_another_assembly_with_its_faults_and_rules()
    {
        IMarket market = await MarketAsync();
        await market.PutAsync(1, new Article("a-1", 2.5m), cancellationToken: Cancel);
        Assert.Equal(new Article("a-1", 2.5m), await market.FindAsync("a", exact: false, Cancel));

        NoSuchArticleException fault = await Assert.ThrowsAsync<NoSuchArticleException>(() => market.FindAsync("a", cancellationToken: Cancel));
        Assert.Equal("a", fault.Id);
        RpcValidationException violation = await Assert.ThrowsAsync<RpcValidationException>(() => market.FindAsync("", cancellationToken: Cancel));
        Assert.Equal(["id"], violation.Errors.Keys);
    }

    [Fact]
    public async Task Closed_generic_bases_of_this_and_of_another_assembly()
    {
        IMarket market = await MarketAsync();
        Assert.Null(await market.PutAsync(1, new Article("a", 1), cancellationToken: Cancel));
        Assert.Equal(new Article("a", 1), await market.PutAsync(1, new Article("b", 2), cancellationToken: Cancel));
        var more = new Dictionary<string, Article> { ["c"] = new("c", -1) };
        RpcValidationException violation = await Assert.ThrowsAsync<RpcValidationException>(() => market.PutAsync(2, new Article("c", 1), more, Cancel));
        Assert.Equal(["more.c.price"], violation.Errors.Keys);

        Dictionary<Season, int> counted = await market.CountAsync([Season.Winter, Season.Winter], cancellationToken: Cancel);
        Assert.Equal(new Dictionary<Season, int> { [Season.Winter] = 2, [Season.Spring] = 1 }, counted);
        Assert.Equal("market", await market.NameAsync(Cancel));
    }

    [Fact]
    public async Task A_client_of_the_base_alone_calls_a_server_of_the_derived_contract_on_the_same_queue()
    {
        await MarketAsync();
        ICatalogue catalogue = (await ConnectAsync()).CreateClient<ICatalogue>(ClientOptions);
        await Assert.ThrowsAsync<NoSuchArticleException>(() => catalogue.FindAsync("a", cancellationToken: Cancel));
    }

    private async Task<IMarket> MarketAsync()
    {
        await (await ConnectAsync()).ServeAsync<IMarket>(new Market(), ServerOptions, Cancel);
        return (await ConnectAsync()).CreateClient<IMarket>(ClientOptions);
    }
}

public sealed class BaseContractTestsInMemory(MemoryBroker broker) : BaseContractTests(broker), IClassFixture<MemoryBroker>;

public sealed class BaseContractTestsOnRabbitMq(SharedRabbit broker) : BaseContractTests(broker);
