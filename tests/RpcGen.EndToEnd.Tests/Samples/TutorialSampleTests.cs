using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Samples;

/// <summary>The tutorial sample, client against server. Other libraries are tested under Interop.</summary>
public sealed class TutorialSampleTests(SharedRabbit broker) : IAsyncLifetime
{
    private readonly string _queue = $"t.{Guid.NewGuid():N}"[..14];

    [Theory]
    [InlineData(null, true, "classic")]
    [InlineData("durable", true, "classic")]
    [InlineData("quorum", true, "quorum")]
    [InlineData("transient", false, null)]
    public async Task A_server_declares_the_requested_kind_of_queue(string? kind, bool isDurable, string? type)
    {
        string[] declare = kind is null ? [] : ["--declare", kind];
        await using ChildProcess server = await StartServerAsync(declare);

        await DeclareAsync(isDurable, type); // refused if the queue has other properties
        (await RunAsync("client", "0", "1", "30", "92")).AssertSuccess("fib(0) = 0", "fib(1) = 1", "fib(30) = 832040", "fib(92) = 7540113804746346429");
        (await server.InterruptAsync()).AssertSuccess("ready");
    }

    [Theory]
    [InlineData(true, "quorum", "transient")]
    [InlineData(false, null, "quorum")]
    [InlineData(false, null, "durable")]
    public async Task A_server_uses_an_existing_queue_unchanged(bool isDurable, string? type, string kind)
    {
        await DeclareAsync(isDurable, type);
        await using ChildProcess server = await StartServerAsync("--declare", kind);

        (await RunAsync("client", "30")).AssertSuccess("fib(30) = 832040");
        (await server.TerminateAsync()).AssertSuccess("ready");
    }

    [Fact]
    public async Task Without_a_broker() =>
        (await ChildProcess.RunAsync("dotnet", Repository.Sample("Tutorial"))).AssertSuccess("fib(30) = 832040");

    [Fact]
    public async Task No_server() =>
        (await RunAsync("client", "30")).AssertFailure($"no queue '{_queue}'", "Start a server");

    [Fact]
    public async Task A_number_out_of_range()
    {
        await using ChildProcess server = await StartServerAsync();

        (await RunAsync("client", "93")).AssertFailure("n: The field n must be between 0 and 92.");
    }

    [Theory]
    [InlineData("--queue", "Option --queue needs a value", "Usage:")]
    [InlineData("client", "client needs at least one number", "Usage:")]
    [InlineData("client 1 x", "'x' is not a whole number", "Usage:")]
    [InlineData("client 1 --declare quorum", "--declare is for servers", "Usage:")]
    [InlineData("server 1", "must be server or client", "Usage:")]
    [InlineData("server --declare fast", "--declare fast is not known", "Usage:")]
    [InlineData("server --queue", "Option --queue needs a value", "Usage:")]
    [InlineData("server --queue amq.gen", "must not start with 'amq.'")]
    [InlineData("server --broker amqp://127.0.0.1:1", "127.0.0.1:1: connection refused; check that RabbitMQ is running there")]
    public async Task An_invalid_command_line(string arguments, params string[] explanation)
    {
        string[] words = arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string[] reachable = words.Contains("--broker") ? [] : ["--broker", broker.Url];
        (await ChildProcess.RunAsync("dotnet", [Repository.Sample("Tutorial"), .. reachable, .. words])).AssertFailure(explanation);
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync() => await broker.DeleteQueueAsync(_queue);

    private Task<ChildProcess> StartServerAsync(params string[] arguments) =>
        ChildProcess.StartServerAsync("dotnet", [Repository.Sample("Tutorial"), "server", "--broker", broker.Url, "--queue", _queue, .. arguments]);

    private Task<Outcome> RunAsync(params string[] arguments) =>
        ChildProcess.RunAsync("dotnet", [Repository.Sample("Tutorial"), .. arguments, "--broker", broker.Url, "--queue", _queue]);

    private async Task DeclareAsync(bool isDurable, string? type)
    {
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(broker.Url) }.CreateConnectionAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        var arguments = new Dictionary<string, object?>();
        if (type is not null)
        {
            arguments["x-queue-type"] = type;
        }

        await channel.QueueDeclareAsync(_queue, isDurable, exclusive: false, autoDelete: false, arguments);
    }
}
