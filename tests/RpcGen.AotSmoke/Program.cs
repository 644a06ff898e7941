using System.Diagnostics;
using System.Runtime.CompilerServices;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RpcGen;
using RpcGen.AotSmoke;

// Takes broker addresses, runs all checks on each broker, and prints one line per broker. A failed check ends the program.
foreach (string broker in args)
{
    await using RpcConnection connection = await RpcConnection.ConnectAsync(broker);
    var shop = new Shop();
    var queue = $"aot.{Guid.NewGuid():N}";
    await using RpcServer server = await connection.ServeAsync<IShop>(shop, new RpcServerOptions { Queue = queue, QueueType = RpcQueueType.NonDurable });
    IShop client = connection.CreateClient<IShop>(new RpcClientOptions { Queue = queue });

    await CheckCallsAsync(client);
    await CheckValidationAsync(client);
    await CheckFailuresAsync(client);
    await CheckCancellationAsync(client, shop);
    await CheckHostAsync(broker, queue + ".hosted");
    await CheckDeliveryAsync(client, shop);
    await CheckDescriptionAsync(connection, queue);
    await CheckInterceptorsAsync(broker, queue + ".intercepted");
    Console.WriteLine($"passed on {new Uri(broker).Scheme}");
}

return args.Length == 0 ? 1 : 0;

static async Task CheckCallsAsync(IShop client)
{
    var card = new CardPayment("4111111111111111");
    Receipt receipt = await client.OrderAsync(new Order("Ada", [new OrderLine("APPLE", 1.5m, 2), new OrderLine("PEAR", 2, 4)], card), desk: 2);
    Check(receipt == new Receipt("Ada", 7, new DateOnly(2026, 2, 3), card));

    Check((await client.ListPaymentsAsync(Weekday.Tuesday)).SequenceEqual([card, new CashPayment(2)]));
    Page<Receipt> page = await client.ListReceiptsAsync(first: 3);
    Check(page.Total == -1 && page.Items.Single() == new Receipt("Ada", 3, null, null));

    await client.RememberAsync("Ω");
    Check(await client.RecallAsync() == "Ω");
    await client.RememberAsync(null);
    Check(await client.RecallAsync() is null);

    Check((await client.ReverseAsync([1, 2, 3])).SequenceEqual<byte>([3, 2, 1]));
    Check((await client.CountAsync(["a", "b", "a"]))["a"] == 2);

    string mixed = $"{await client.MixAsync(Guid.Empty, DateTimeOffset.UnixEpoch, 0.50m, new Uri("https://example.org/"), TimeSpan.FromMinutes(5))}";
    Check(mixed == """["00000000-0000-0000-0000-000000000000",1970,0.50,"example.org",5]""");
    Check(await client.With(timeout: TimeSpan.FromMinutes(1)).RecallAsync() is null);
}

static async Task CheckValidationAsync(IShop client)
{
    RpcValidationException e = await ThrowsAsync<RpcValidationException>(
        () => client.OrderAsync(new Order("A", [new OrderLine("apple", 0.25m, 3)], new CardPayment("1")), desk: 10));
    string[] paths = ["desk", "order.customer", "order.lines[0].quantity", "order.lines[0].shelf", "order.lines[0].sku", "order.payment.number"];
    Check(e.Errors.Keys.Order(StringComparer.Ordinal).SequenceEqual(paths), e.Message);
    Check(e.Message.Contains("shelf must be even.", StringComparison.Ordinal), e.Message);

    e = await ThrowsAsync<RpcValidationException>(() => client.OrderAsync(new Order("nobody", [new OrderLine("A", 1, 2)], null), desk: 1));
    Check(e.Errors["order.customer"] is ["Nobody orders nothing."], e.Message);
    e = await ThrowsAsync<RpcValidationException>(() => client.ReverseAsync(null!));
    Check(e.Errors.ContainsKey("bytes"), e.Message);
}

static async Task CheckFailuresAsync(IShop client)
{
    SoldOutException soldOut = await ThrowsAsync<SoldOutException>(() => client.ReserveAsync("apple"));
    Check(soldOut is { Message: "No apple left", Article: "apple", Alternatives: ["pear", "quince"], BackOn: { Year: 2026, Month: 9 } });

    RpcRemoteException remote = await ThrowsAsync<RpcRemoteException>(() => client.FailAsync());
    Check(remote is { Code: "internal", CallId.Length: > 0 } && !remote.Message.Contains("secret", StringComparison.Ordinal), remote.Message);
}

static async Task CheckCancellationAsync(IShop client, Shop shop)
{
    using var cancellation = new CancellationTokenSource();
    Task call = client.WaitAsync(cancellation.Token);
    await shop.Waiting;
    await cancellation.CancelAsync();
    await ThrowsAsync<OperationCanceledException>(() => call);
    await shop.Cancelled;
}

static async Task CheckHostAsync(string broker, string queue)
{
    HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
    builder.Configuration.AddInMemoryCollection(
    [
        new("ConnectionStrings:rabbitmq", broker),
        new("RpcGen:RequireBroker", "true"),
        new("RpcGen:GracePeriod", "00:00:05"),
        new("RpcGen:QueueType", "NonDurable"),
        new("RpcGen:Services:IShop:Queue", queue),
        new("RpcGen:Clients:IShop:Queue", queue),
    ]);
    builder.Services.AddRpcGen("rabbitmq").AddClient<IShop>().AddService<IShop, Shop>();
    builder.Services.AddHealthChecks().AddRpcGen();
    using IHost host = builder.Build();
    await host.StartAsync();

    Check((await host.Services.GetRequiredService<IShop>().ReverseAsync([1, 2])).SequenceEqual<byte>([2, 1]));
    HealthReport health = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();
    Check(health.Status == HealthStatus.Healthy, health.Entries["rpcgen"].Description);
    await host.StopAsync();
}

static async Task CheckDeliveryAsync(IShop client, Shop shop)
{
    await client.NoteAsync("one");
    await client.AnnounceAsync("two");
    await shop.Noted.WaitAsync(TimeSpan.FromMinutes(1));
}

static async Task CheckDescriptionAsync(RpcConnection connection, string queue)
{
    RpcPing ping = await connection.PingAsync(queue);
    RpcServiceDescription description = await connection.DescribeAsync(queue);
    Check(description is { Service.Contract: "RpcGen.AotSmoke.IShop", ProtocolVersion: 1 } && description.Service.Instance.Id == ping.Service.Instance.Id);
    Check(description.Service.Digest == ping.Service.Digest, ping.Service.Digest);
    RpcMethodDescription order = description.Methods.Single(method => method.Name == "Order");
    Check(order.Arguments.GetProperty("properties").GetProperty("order").GetProperty("$ref").GetString() == "#/$defs/Order", order.Arguments.ToString());
    await foreach (RpcServiceStatistics statistics in connection.GetStatisticsAsync(queue))
    {
        Check(statistics.Methods.Sum(calls => calls.Answered) > 10 && statistics.Methods.Sum(calls => calls.Faulted) > 0 && statistics is { Refused: 0, Places: > 0 });
    }
}

static async Task CheckInterceptorsAsync(string broker, string queue)
{
    using var spans = new ActivityListener { ShouldListenTo = source => source.Name == RpcTelemetry.Name, Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded };
    ActivitySource.AddActivityListener(spans);
    var both = new Echoing();
    await using RpcConnection connection = await RpcConnection.ConnectAsync(
        broker, new RpcConnectionOptions { SendBrokerUser = true, ClientInterceptors = { both }, ServerInterceptors = { both } });
    await using RpcServer server = await connection.ServeAsync<IShop>(new Shop(), new RpcServerOptions { Queue = queue, QueueType = RpcQueueType.NonDurable });
    IShop client = connection.CreateClient<IShop>(new RpcClientOptions { Queue = queue });
    RpcMetadata reply = [];

    await client.With(metadata: new() { ["tenant"] = "acme" }, replyMetadata: reply).RememberAsync("Ω");
    Check(reply["seen"] == "Remember 1 acme guest True", reply["seen"]);
    Check(await client.With(replyMetadata: reply).RecallAsync() == "Ω");
    Check(reply["seen"] == "Recall 0 none guest True", reply["seen"]);
    await client.With(replyMetadata: reply).ReverseAsync([1]);
    Check((await ThrowsAsync<RpcAccessDeniedException>(() => client.With(metadata: new() { ["tenant"] = "deny" }).CountAsync(["a"]))).IsUnauthenticated);
}

static async Task<T> ThrowsAsync<T>(Func<Task> action)
    where T : Exception
{
    try
    {
        await action();
    }
    catch (T expected)
    {
        return expected;
    }

    throw new UnreachableException($"No {typeof(T).Name} came.");
}

static void Check(bool condition, string? seen = null, [CallerArgumentExpression(nameof(condition))] string expected = "")
{
    if (!condition)
    {
        throw new UnreachableException($"Not so: {expected}. {seen}");
    }
}
