using RpcGen.Tests.Hosting;

namespace RpcGen.Tests.Abstractions;

/// <summary>Settings of single calls: both forms of <c>With</c>.</summary>
public sealed class WithTests
{
    private static readonly RpcMetadata Reply = [];

    private readonly CapturingBinder _binder = new();

    [Fact]
    public async Task Both_forms_set_everything()
    {
        IOrders client = _binder.CreateClient();

        await client.With(timeout: TimeSpan.FromSeconds(1), failFast: true, metadata: new() { ["a"] = "1" }, replyMetadata: Reply, priority: 3).GetAsync("", CancellationToken.None);
        await client.With(new RpcCallOptions { Timeout = TimeSpan.FromSeconds(1), FailFast = true, Metadata = new() { ["a"] = "1" }, ReplyMetadata = Reply, Priority = 3 }).GetAsync("", CancellationToken.None);
        await client.GetAsync("", CancellationToken.None);

        Assert.All(_binder.Settings.Take(2), settings =>
        {
            Assert.Equal((TimeSpan.FromSeconds(1), true, (byte)3), (settings.Timeout!.Value, settings.FailFast!.Value, settings.Priority!.Value));
            Assert.Equal("1", settings.Metadata!["a"]);
            Assert.Same(Reply, settings.ReplyMetadata);
        });
        RpcCallOptions unchanged = _binder.Settings[2];
        Assert.Equal((null, null, null, null, null), (unchanged.Timeout, unchanged.FailFast, unchanged.Priority, unchanged.Metadata, unchanged.ReplyMetadata));
    }

    [Fact]
    public async Task What_is_null_is_kept_and_metadata_adds_up()
    {
        var metadata = new RpcMetadata { ["a"] = "1", ["b"] = "1" };
        IOrders first = _binder.CreateClient().With(timeout: TimeSpan.FromSeconds(1), failFast: false, metadata: metadata, replyMetadata: Reply, priority: 3);
        metadata["a"] = "changed later";

        await first.With(new RpcCallOptions()).GetAsync("", CancellationToken.None);
        await first.With().GetAsync("", CancellationToken.None);
        await first.With(new RpcCallOptions { Metadata = new() { ["b"] = "2", ["c"] = "2" } }).GetAsync("", CancellationToken.None);

        Assert.All(_binder.Settings, settings =>
        {
            Assert.Equal((TimeSpan.FromSeconds(1), false, (byte)3), (settings.Timeout!.Value, settings.FailFast!.Value, settings.Priority!.Value));
            Assert.Same(Reply, settings.ReplyMetadata);
        });
        Assert.Equal(["a=1 b=1", "a=1 b=1", "a=1 b=2 c=2"], _binder.Settings.Select(settings => string.Join(' ', settings.Metadata!.OrderBy(entry => entry.Key).Select(entry => $"{entry.Key}={entry.Value}"))));
    }

    [Fact]
    public void Other_implementations_come_back_unchanged()
    {
        IOrders fake = new Orders();

        Assert.Same(fake, fake.With(timeout: TimeSpan.FromSeconds(1)));
        Assert.Same(fake, fake.With(new RpcCallOptions { FailFast = true }));
    }

    [Fact]
    public void Arguments_are_checked()
    {
        IOrders client = _binder.CreateClient();
        TimeSpan tooLong = TimeSpan.FromMilliseconds(uint.MaxValue);

        Assert.Equal("timeout", Assert.Throws<ArgumentOutOfRangeException>(() => client.With(timeout: TimeSpan.Zero)).ParamName);
        Assert.Equal("Timeout", Assert.Throws<ArgumentOutOfRangeException>(() => client.With(new RpcCallOptions { Timeout = tooLong })).ParamName);
        Assert.Equal("client", Assert.Throws<ArgumentNullException>(() => ((IOrders)null!).With(failFast: true)).ParamName);
        Assert.Equal("client", Assert.Throws<ArgumentNullException>(() => ((IOrders)null!).With(new RpcCallOptions())).ParamName);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => client.With((RpcCallOptions)null!)).ParamName);
        client.With(timeout: Timeout.InfiniteTimeSpan).With(new RpcCallOptions { Timeout = tooLong - TimeSpan.FromMilliseconds(1) });
    }

    [Fact]
    public void Methods_know_the_full_name_of_their_contract()
    {
        _binder.CreateClient();

        Assert.Equal(("Shop.IOrders", "Get"), (_binder.Methods.Single().Contract, _binder.Methods.Single().Name));
    }
}
