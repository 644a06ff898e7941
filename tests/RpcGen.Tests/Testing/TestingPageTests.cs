using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Time.Testing;
using RpcGen.Testing;

namespace RpcGen.Tests.Testing;

#pragma warning disable xUnit1051 // The code is that of the page.

[AmqpRpc]
public partial interface IOrders
{
    [RpcIdempotent, RpcFault<SoldOutException>("sold-out")]
    Task<int> PlaceAsync(string article, int quantity, CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task ShipAsync(int order, CancellationToken cancellationToken = default);
}

public sealed class SoldOutException(string message) : Exception(message);

/// <summary>The service of the page.</summary>
public sealed class Orders : IOrders
{
    public static string DescribeCaller() => $"{RpcCallContext.Current?.BrokerUser} of {RpcCallContext.Current?.Metadata["tenant"]}";

    public Task<int> PlaceAsync(string article, int quantity, CancellationToken cancellationToken = default) => Task.FromResult(quantity);

    public Task ShipAsync(int order, CancellationToken cancellationToken = default) => Task.CompletedTask;
}

/// <summary>The code of docs/testing.md runs.</summary>
public sealed partial class TestingPageTests
{
    [Fact]
    public void Code_of_the_page_is_code_of_this_file()
    {
        string page = File.ReadAllText(Path.Combine(RepositoryRoot(), "docs", "testing.md"));
        string[] lines = [.. File.ReadAllLines(ThisFile()).Select(line => line.Trim()).Where(line => line.Length > 0)];
        string code = string.Join('\n', lines);
        MatchCollection blocks = CodeBlock().Matches(page);
        Assert.NotEmpty(blocks);
        Assert.All(blocks, block => Assert.Contains(
            string.Join('\n', block.Groups["code"].Value.Split('\n').Select(line => line.Trim()).Where(line => line.Length > 0)), code, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Clients_servers_and_failures()
    {
        await using var broker = new RpcTestBroker();
        await using RpcConnection connection = await broker.ConnectAsync();
        await using RpcServer server = await connection.ServeAsync<IOrders>(new Orders());
        IOrders orders = connection.CreateClient<IOrders>();

        int order = await orders.PlaceAsync("book", 2);
        await orders.ShipAsync(order);

        RpcRecordedCall shipped = await broker.WaitForCallAsync<IOrders>("ShipAsync");
        Assert.Equal(order, shipped.Arguments[0]);
        Assert.Equal(["Place", "Ship"], broker.Calls.Select(call => call.Method));

        using (broker.Fail<IOrders>("PlaceAsync", new SoldOutException("None left.")))
        {
            await Assert.ThrowsAsync<SoldOutException>(() => orders.PlaceAsync("book", 1));
        }

        using (broker.Fail<IOrders>("PlaceAsync", new RpcUnavailableException("No server.", "Orders")))
        {
            await Assert.ThrowsAsync<RpcUnavailableException>(() => orders.PlaceAsync("book", 1));
        }

        await broker.DropConnectionsAsync();
        Assert.Equal(1, await orders.PlaceAsync("book", 1));
    }

    [Fact]
    public async Task Time()
    {
        var time = new FakeTimeProvider();
        await using var broker = new RpcTestBroker(time);
        await using RpcConnection connection = await broker.ConnectAsync();
        IOrders nobody = connection.CreateClient<IOrders>();
        Task<int> call = nobody.With(timeout: TimeSpan.FromHours(1)).PlaceAsync("book", 1);
        time.Advance(TimeSpan.FromHours(1));
        await Assert.ThrowsAnyAsync<RpcException>(() => call);
    }

    [Fact]
    public async Task A_whole_application()
    {
        await using var broker = new RpcTestBroker();
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Services.AddRpcGen("amqp://production").AddService<IOrders, Orders>();
        builder.Services.UseRpcTestBroker(broker);
        using IHost application = builder.Build();
        await application.StartAsync();

        await using RpcConnection connection = await broker.ConnectAsync();
        Assert.Equal(2, await connection.CreateClient<IOrders>().PlaceAsync("book", 2));
        await application.StopAsync();
    }

    [Fact]
    public void A_handler_alone()
    {
        using (new RpcTestCall { BrokerUser = "billing", Metadata = new RpcMetadata { ["tenant"] = "a" } }.Enter())
        {
            Assert.Equal("billing of a", Orders.DescribeCaller());
        }
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;

    private static string RepositoryRoot() => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", ".."));

    [GeneratedRegex("```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex CodeBlock();
}
