using RpcGen;
using RpcGen.Testing;
using RpcGenApp._1.Contracts;
using RpcGenApp._1.Server;
using Xunit;

namespace RpcGenApp._1.Tests;

/// <summary>Calls the service through a broker in memory, with everything that happens to a call on the way.</summary>
public sealed class GreeterTests : IAsyncLifetime
{
    private readonly RpcTestBroker _broker = new();
    private RpcConnection _connection = null!;
    private IGreeter _greeter = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await _broker.ConnectAsync(cancellationToken: Cancel);
        await _connection.ServeAsync<IGreeter>(new Greeter(TimeProvider.System), cancellationToken: Cancel);
        _greeter = _connection.CreateClient<IGreeter>();
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task A_person_is_greeted() => Assert.Equal("Hello Ada!", (await _greeter.GreetAsync("Ada", Cancel)).Text);

    [Fact]
    public async Task Not_everyone_is_welcome() =>
        Assert.Equal("Mallory", (await Assert.ThrowsAsync<NotWelcomeException>(() => _greeter.GreetAsync("Mallory", Cancel))).Name);

    [Fact]
    public async Task A_person_has_a_name() => await Assert.ThrowsAsync<RpcValidationException>(() => _greeter.GreetAsync("", Cancel));
}
