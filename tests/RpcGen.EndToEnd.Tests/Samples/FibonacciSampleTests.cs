using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The README's first sample, as users run it.</summary>
[Collection(nameof(FibonacciSample))]
public sealed class FibonacciSampleTests(SharedRabbit broker) : IAsyncLifetime
{
    [Fact]
    public async Task Without_arguments_it_needs_no_broker() =>
        (await RunAsync()).AssertSuccess("fib(30) = 832040");

    [Fact]
    public async Task The_readmes_command_works() =>
        (await ChildProcess.RunAsync("dotnet", "run", "--no-build", "-c", Repository.Configuration, "--project", "samples/Fibonacci"))
            .AssertSuccess("fib(30) = 832040");

    [Fact]
    public async Task Client_and_server_can_share_a_process_on_a_real_broker() =>
        (await RunAsync("--broker", broker.Url)).AssertSuccess("fib(30) = 832040");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_answers_until_it_is_stopped(bool byInterrupt)
    {
        await using ChildProcess server = await StartServerAsync();

        (await RunAsync("client", "30", "--broker", broker.Url)).AssertSuccess("fib(30) = 832040");
        (await RunAsync("--broker", broker.Url, "client", "90")).AssertSuccess("fib(90) = 2880067194370816120");
        (byInterrupt ? await server.InterruptAsync() : await server.TerminateAsync()).AssertSuccess("ready");

        Assert.Equal(0, (await broker.FindQueueAsync(FibonacciSample.Queue))?.Consumers);
    }

    [Fact]
    public async Task A_client_can_start_before_its_server()
    {
        await (await StartServerAsync()).TerminateAsync(); // its queue remains

        await using ChildProcess client = Start("client", "30", "--broker", broker.Url);
        await Wait.UntilAsync(async () => (await broker.FindQueueAsync(FibonacciSample.Queue))?.Ready == 1, "the request waits");
        await using ChildProcess server = await StartServerAsync();

        (await client.EndAsync()).AssertSuccess("fib(30) = 832040");
    }

    [Fact]
    public async Task No_server() =>
        (await RunAsync("client", "30", "--broker", broker.Url)).AssertFailure($"no queue '{FibonacciSample.Queue}'", "Start a server");

    [Fact]
    public async Task A_server_that_was_stopped()
    {
        await (await StartServerAsync()).TerminateAsync();

        (await RunAsync("client", "30", "--broker", broker.Url)).AssertFailure("within 5 s", "No server is running: start one");
    }

    [Theory]
    [InlineData("91")]
    [InlineData("-1")]
    public async Task A_number_out_of_range(string n)
    {
        await using ChildProcess server = await StartServerAsync();

        (await RunAsync("client", n, "--broker", broker.Url)).AssertFailure("n: The field n must be between 0 and 90.");
    }

    [Theory]
    [InlineData("client 30 --broker amqp://127.0.0.1:1", "127.0.0.1:1: connection refused; check that RabbitMQ is running there")]
    [InlineData("server --broker amqp://127.0.0.1:1", "127.0.0.1:1: connection refused; check that RabbitMQ is running there")]
    [InlineData("client 30 --broker localhost", "amqp://", "valid one")]
    [InlineData("client 30 --broker amqp://localhost:x", "port", "valid one")]
    [InlineData("client x", "'x' is not a whole number", "Usage:")]
    [InlineData("client 99999999999", "'99999999999' is not a whole number", "Usage:")]
    [InlineData("client", "'client' is not understood", "Usage:")]
    [InlineData("serve", "'serve' is not understood", "Usage:")]
    [InlineData("server now", "'server now' is not understood", "Usage:")]
    [InlineData("server --brokr amqp://localhost", "There is no option --brokr", "Usage:")]
    [InlineData("server --broker", "Option --broker needs a value", "Usage:")]
    [InlineData("server --broker --broker", "Option --broker needs a value", "Usage:")]
    [InlineData("server --broker a --broker b", "Option --broker is given twice", "Usage:")]
    public async Task An_invalid_command_line(string arguments, params string[] explanation) =>
        (await RunAsync(arguments.Split(' '))).AssertFailure(explanation);

    public async ValueTask InitializeAsync() => await broker.DeleteQueueAsync(FibonacciSample.Queue);

    public ValueTask DisposeAsync() => InitializeAsync();

    private static ChildProcess Start(params string[] arguments) => ChildProcess.Start("dotnet", [Repository.Sample("Fibonacci"), .. arguments]);

    private static Task<Outcome> RunAsync(params string[] arguments) => ChildProcess.RunAsync("dotnet", [Repository.Sample("Fibonacci"), .. arguments]);

    private Task<ChildProcess> StartServerAsync() => FibonacciSample.StartServerAsync(broker);
}
