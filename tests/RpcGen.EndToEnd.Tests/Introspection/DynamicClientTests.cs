using System.Text;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Calls by JSON, without a contract.</summary>
public abstract class DynamicClientTests(ITestBroker broker) : EndToEndTest(broker)
{
    private const string Order = """{"basket":{"customer":"Ada","lines":[{"article":"nut","quantity":3}],"picture":"AQI="}}""";

    [Fact]
    public async Task Results_come_as_they_were_sent()
    {
        RpcDynamicClient client = await ServeKioskAsync();

        Assert.Equal("""{"number":18446744073709551615,"total":79228162514264337593543950335,"at":"1970-01-01T00:00:00+00:00","wait":"1.06:00:00","colour":0}""", await CallAsync(client, "Place", Order));
        Assert.Equal("null", await CallAsync(client, "Find", """{"number":1,"hint":null}"""));
        Assert.Equal(Queue, client.Queue);
    }

    [Fact]
    public async Task Faults_are_those_of_other_clients()
    {
        RpcDynamicClient client = await ServeKioskAsync();

        RpcRemoteException declared = await Assert.ThrowsAsync<RpcRemoteException>(() => CallAsync(client, "Place", Order.Replace("3", "60", StringComparison.Ordinal)));
        Assert.Equal(("sold-out", "Only 2 are left.", """{"article":"nut","left":2}"""), (declared.Code, declared.Message, declared.FaultData!.Value.GetRawText()));
        RpcValidationException invalid = await Assert.ThrowsAsync<RpcValidationException>(() => CallAsync(client, "Place", Order.Replace("3", "300", StringComparison.Ordinal)));
        Assert.Contains("basket.lines[0].quantity", invalid.Errors.Keys);
        await Assert.ThrowsAsync<RpcProtocolException>(() => CallAsync(client, "Nope", "{}"));
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("{")]
    [InlineData("")]
    [InlineData("{}{}")]
    public async Task What_is_no_object_is_not_sent(string arguments)
    {
        RpcDynamicClient client = (await ConnectAsync()).CreateDynamicClient(Queue);

        Assert.Throws<ArgumentException>(() => { _ = client.CallAsync("Place", Encoding.UTF8.GetBytes(arguments), cancellationToken: Cancel); });
        Assert.Throws<ArgumentException>(() => { _ = client.CallAsync("$ping", "{}"u8.ToArray(), cancellationToken: Cancel); });
    }

    [Fact]
    public async Task Cancelling_reaches_the_handler_and_time_limits_hold()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var courier = new Courier(async (text, token) =>
        {
            using CancellationTokenRegistration _ = token.Register(() => cancelled.TrySetResult());
            await Task.Delay(Timeout.Infinite, token);
            return text;
        });
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        RpcDynamicClient client = (await ConnectAsync()).CreateDynamicClient(Queue);
        using var giveUp = new CancellationTokenSource();

        Task<string> call = CallUntilAsync(client, "Ask", """{"text":"x"}""", options: null, giveUp.Token);
        await Wait.UntilAsync(() => courier.Got.Length == 1, "it runs");
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        await cancelled.Task.OrFail();
        await Assert.ThrowsAsync<RpcTimeoutException>(() => CallAsync(client, "Ask", """{"text":"y"}""", new RpcDynamicCallOptions { Call = new RpcCallOptions { Timeout = TimeSpan.FromMilliseconds(50) } }));
    }

    [Fact]
    public async Task One_way_requests_are_confirmed_and_methods_without_result_have_none()
    {
        var courier = new Courier((text, _) => Task.FromResult(text));
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, ServerOptions, Cancel);
        RpcDynamicClient client = (await ConnectAsync()).CreateDynamicClient(Queue);

        await client.SendAsync("Send", """{"text":"one"}"""u8.ToArray(), cancellationToken: Cancel).OrFail();
        await Wait.UntilAsync(() => courier.Got.Contains("one"), "it has arrived");
        Assert.Equal("", await CallAsync(client, "Send", """{"text":"two"}"""));
        await Assert.ThrowsAsync<RpcUnavailableException>(async () => await (await ConnectAsync()).CreateDynamicClient(Queue + ".none").SendAsync("Send", "{}"u8.ToArray(), cancellationToken: Cancel).OrFail());
    }

    private async Task<RpcDynamicClient> ServeKioskAsync()
    {
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), ServerOptions, Cancel);
        return (await ConnectAsync()).CreateDynamicClient(Queue);
    }

    private static Task<string> CallAsync(RpcDynamicClient client, string method, string arguments, RpcDynamicCallOptions? options = null) =>
        CallUntilAsync(client, method, arguments, options, Cancel);

    private static async Task<string> CallUntilAsync(RpcDynamicClient client, string method, string arguments, RpcDynamicCallOptions? options, CancellationToken cancellationToken) =>
        Encoding.UTF8.GetString((await client.CallAsync(method, Encoding.UTF8.GetBytes(arguments), options, cancellationToken).OrFail()).Span);
}

public sealed class DynamicClientTestsInMemory(MemoryBroker broker) : DynamicClientTests(broker), IClassFixture<MemoryBroker>;

public sealed class DynamicClientTestsOnRabbitMq(SharedRabbit broker) : DynamicClientTests(broker);
