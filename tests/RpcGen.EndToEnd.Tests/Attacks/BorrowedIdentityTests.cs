using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>
/// A rogue worker has what an admin sent to it delivered to another service. The broker keeps the admin's <c>user_id</c> on
/// such detours; the service must not take the admin for its caller.
/// </summary>
public sealed class BorrowedIdentityTests(PrivateRabbit broker) : AttackTest(broker), IClassFixture<PrivateRabbit>
{
    /// <summary>The permissions that docs/security.md gave to workers once: they allowed more, and some brokers still have them.</summary>
    private static readonly DocumentedPermissions Wide = new(
        @"^(.+\.broadcast|rogue.*|rpc\.(cb|cx|bc)\..*)$", @"^(amq\.default|rpc\.(cb|cx|bc)\..*|.+\.cancel|.+\.broadcast)$", @"^(rogue.*|rpc\.(cb|cx|bc)\..*)$");

    private readonly string _rogueQueue = $"rogue{Guid.NewGuid():N}"[..14];
    private readonly string _admin = UserName();
    private Vault _vault = null!;
    private Neighbours _neighbours = null!;
    private string _adminUrl = null!;

    public override async ValueTask InitializeAsync()
    {
        _adminUrl = await AddUserAsync(_admin, new DocumentedPermissions(".*", ".*", ".*"));
        (_vault, _neighbours) = await ServeVaultAsync(_admin);
        await base.InitializeAsync();
    }

    [Fact]
    public async Task The_admin_is_the_admin_when_it_calls_directly()
    {
        await using RpcConnection admin = await ConnectAdminAsync();
        IVault vault = admin.CreateClient<IVault>(ClientOptions);

        Assert.Equal(_admin, await vault.WhoAmIAsync(Cancel).OrFail());
        Assert.Equal("open", await vault.OpenAsync("k", Cancel).OrFail());
        await vault.ForgetAsync("k", Cancel).OrFail();
        await vault.LockAsync("x", Cancel).OrFail();

        await Wait.UntilAsync(() => _vault.Runs == 3, "all three ran");
        Assert.Equal(0, Log.Count(52));
        await _neighbours.StopAsync();
    }

    [Fact]
    public async Task A_dead_letter_exchange_lends_nobody_s_user()
    {
        await using IChannel rogue = await RogueChannelAsync(await AttackAsync("worker", _rogueQueue));
        await DeadLetterAsync(rogue, _rogueQueue, "", Queue);
        await using RpcConnection admin = await ConnectAdminAsync();
        IVault lured = admin.CreateClient<IVault>(new RpcClientOptions { Queue = _rogueQueue });

        RpcAccessDeniedException refused = await Assert.ThrowsAsync<RpcAccessDeniedException>(() => lured.OpenAsync("k", Cancel).OrFail());
        string? who = await lured.WhoAmIAsync(Cancel).OrFail();
        await lured.ForgetAsync("k", Cancel).OrFail();

        Assert.True(refused.IsUnauthenticated);
        Assert.Null(who);
        await Wait.UntilAsync(() => Log.Count(49) == 2, "the one-way call was refused too");
        Assert.Equal(0, _vault.Runs);
        Assert.Equal(3, Log.Count(52));
        await _neighbours.StopAsync();
    }

    [Fact]
    public async Task A_batch_by_a_dead_letter_exchange_is_anonymous_entry_by_entry()
    {
        await using IChannel rogue = await RogueChannelAsync(await AttackAsync("worker", _rogueQueue));
        await DeadLetterAsync(rogue, _rogueQueue, "", Queue);
        await using RawAdmin admin = await RawAdmin.ConnectAsync(_adminUrl, _admin, Cancel);

        await admin.SendAsync("", _rogueQueue, "$batch", """[["1","Open",30000,{"key":"k"}],["2","WhoAmI",30000,{}]]""");
        string replies = await admin.RepliesUntilAsync("\"1\"", "\"2\"");

        Assert.Contains("unauthenticated", replies, StringComparison.Ordinal);
        Assert.Contains("[\"2\",null", replies, StringComparison.Ordinal);
        Assert.Equal(0, _vault.Runs);
        await _neighbours.StopAsync();
    }

    [Fact]
    public async Task A_binding_between_exchanges_lends_nobody_s_user()
    {
        await using IChannel rogue = await RogueChannelAsync(await ConnectRawAsync(UserName(), Wide));
        string exchange = _rogueQueue + ".broadcast";
        await rogue.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, autoDelete: true, cancellationToken: Cancel);
        await using (IChannel any = await RogueChannelAsync(await ConnectRawAsync(UserName(), new DocumentedPermissions(".*", ".*", ".*"))))
        {
            await any.ExchangeBindAsync(Queue + ".broadcast", exchange, "", cancellationToken: Cancel);
        }

        await using RpcConnection admin = await ConnectAdminAsync();
        await admin.CreateClient<IVault>(new RpcClientOptions { Queue = _rogueQueue }).LockAsync("x", Cancel).OrFail();

        await Wait.UntilAsync(() => Log.Count(49) == 1, "the broadcast was refused");
        Assert.Equal((0, 1), (_vault.Runs, Log.Count(52)));
        await _neighbours.StopAsync();
    }

    [Fact]
    public async Task An_exchange_with_the_name_of_a_reply_queue_lends_nobody_s_user()
    {
        const int copies = 5;
        await using IChannel rogue = await RogueChannelAsync(await ConnectRawAsync(UserName(), Wide));
        await rogue.ExchangeDeclareAsync("rpc.cb.evil", ExchangeType.Fanout, autoDelete: true, cancellationToken: Cancel);
        for (int i = 0; i < copies; i++)
        {
            await DeadLetterAsync(rogue, $"rpc.cb.copy{i}", "", Queue);
            await rogue.QueueBindAsync($"rpc.cb.copy{i}", "rpc.cb.evil", "", cancellationToken: Cancel);
        }

        await DeadLetterAsync(rogue, _rogueQueue, "rpc.cb.evil", "");
        await using RpcConnection admin = await ConnectAdminAsync();

        await Assert.ThrowsAsync<RpcAccessDeniedException>(() => admin.CreateClient<IVault>(new RpcClientOptions { Queue = _rogueQueue }).OpenAsync("k", Cancel).OrFail());

        await Wait.UntilAsync(() => Log.Count(49) == copies, "each copy was refused");
        Assert.Equal(0, _vault.Runs);
        await _neighbours.StopAsync();
    }

    [Theory]
    [InlineData(true, "CC")]
    [InlineData(true, "BCC")]
    [InlineData(false, "CC")]
    public async Task A_copy_is_anonymous(bool isTheCopy, string header)
    {
        await using IChannel rogue = await RogueChannelAsync(await AttackAsync("worker", _rogueQueue));
        await rogue.QueueDeclareAsync(_rogueQueue, durable: false, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        await using RawAdmin admin = await RawAdmin.ConnectAsync(_adminUrl, _admin, Cancel);
        (string to, string copyTo) = isTheCopy ? (_rogueQueue, Queue) : (Queue, _rogueQueue);

        await admin.SendAsync("", to, "Open", """{"key":"k"}""", new Dictionary<string, object?> { [header] = new List<object?> { copyTo } });

        Assert.Contains("unauthenticated", await admin.RepliesUntilAsync("urn:rpcgen:fault"), StringComparison.Ordinal);
        Assert.Equal(0, _vault.Runs);
        await _neighbours.StopAsync();
    }

    protected override async Task CleanUpAsync()
    {
        await Broker.DeleteQueueAsync(_rogueQueue);
        await base.CleanUpAsync();
    }

    private Task<RpcConnection> ConnectAdminAsync() => RpcConnection.ConnectAsync(_adminUrl, new RpcConnectionOptions { SendBrokerUser = true }, Cancel);

    private static Task<IChannel> RogueChannelAsync(IConnection rogue) => rogue.CreateChannelAsync(cancellationToken: Cancel);

    /// <summary>Declares a queue whose messages expire at once and go on from there.</summary>
    private static Task DeadLetterAsync(IChannel channel, string queue, string exchange, string routingKey) => channel.QueueDeclareAsync(
        queue,
        durable: false,
        exclusive: false,
        autoDelete: false,
        new Dictionary<string, object?> { ["x-dead-letter-exchange"] = exchange, ["x-dead-letter-routing-key"] = routingKey, ["x-message-ttl"] = 0 },
        cancellationToken: Cancel);
}
