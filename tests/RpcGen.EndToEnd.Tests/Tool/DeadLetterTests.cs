using System.Text.Json;
using RabbitMQ.Client;
using RpcGen.Cli;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>One-way requests that failed are listed, shown and repeated.</summary>
public sealed class DeadLetterTests(SharedRabbit broker) : EndToEndTest(broker)
{
    private string Dead => Queue + ".dead";

    protected override async Task CleanUpAsync()
    {
        await Broker.DeleteQueueAsync(Dead);
        await base.CleanUpAsync();
    }

    [Fact]
    public async Task A_dead_letter_is_repeated_once()
    {
        bool fails = true;
        var courier = new Courier((text, _) => fails ? throw new InvalidOperationException() : Task.FromResult(text));
        await ServeAsync(courier);
        await (await ConnectAsync()).CreateClient<ICourier>(ClientOptions).SendAsync("first", Cancel).OrFail();
        JsonElement letter = default;
        await Wait.UntilAsync(async () => (letter = (await ListAsync()).FirstOrDefault()).ValueKind == JsonValueKind.Object, "it is dead");

        string id = letter.GetProperty("id").GetString()!;
        ToolRun text = await RunAsync("dead", "list", Dead);
        ToolRun shown = await RunAsync("dead", "show", Dead, id);
        fails = false;
        ToolRun replayed = await RunAsync("dead", "replay", Dead, id);
        await Wait.UntilAsync(() => courier.Got.Length == 2, "it runs again");
        ToolRun again = await RunAsync("dead", "replay", Dead, id);

        Assert.Equal(("Send", Queue, "rejected"), (letter.GetProperty("method").GetString(), letter.GetProperty("queue").GetString(), letter.GetProperty("reason").GetString()));
        Assert.Matches($@"^{id} +Send +\S+ +rejected +\d{{4}}-\d\d-\d\d \d\d:\d\d:\d\dZ +\d+$", text.Out.Split('\n')[1].TrimEnd());
        Assert.Equal((0, "first"), (shown.Code, JsonElement.Parse(shown.Out).GetProperty("text").GetString()));
        Assert.Equal((0, $"Send was sent to {Queue} again."), (replayed.Code, replayed.Error.Trim()));
        Assert.Equal((2, $"The queue has no dead letter '{id}'."), (again.Code, again.Error.Trim()));
        Assert.Empty(await ListAsync());
        Assert.Equal(["first", "first"], courier.Got);
    }

    [Fact]
    public async Task A_dead_letter_of_the_service_says_why_and_is_repeated()
    {
        bool fails = true;
        var courier = new Courier((text, _) => fails ? throw new InvalidOperationException("out of stamps") : Task.FromResult(RpcCallContext.Current!.Metadata.GetValueOrDefault("tenant", "")));
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, new RpcServerOptions(ServerOptions) { DeadLetterQueue = Dead, EnableDetailedErrors = true }, Cancel);
        await (await ConnectAsync()).CreateClient<ICourier>(ClientOptions).SendAsync("first", Cancel).OrFail();
        JsonElement letter = default;
        await Wait.UntilAsync(async () => (letter = (await ListAsync()).FirstOrDefault()).ValueKind == JsonValueKind.Object, "it is dead");

        string id = letter.GetProperty("id").GetString()!;
        ToolRun shown = await RunAsync("dead", "show", Dead, id);
        fails = false;
        ToolRun replayed = await RunAsync("dead", "replay", Dead, id);
        await Wait.UntilAsync(() => courier.Got.Length == 2, "it runs again");

        Assert.Equal((Queue, "internal", "out of stamps"), (letter.GetProperty("queue").GetString(), letter.GetProperty("reason").GetString(), letter.GetProperty("detail").GetString()));
        Assert.NotNull(letter.GetProperty("time").GetString());
        Assert.EndsWith("out of stamps", shown.Error.Trim(), StringComparison.Ordinal);
        Assert.Equal(0, replayed.Code);
        Assert.Empty(await ListAsync());
    }

    [Fact]
    public async Task A_dead_letter_stays_if_its_queue_is_gone()
    {
        await ServeAsync(new Courier());
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(Broker.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        string source = Queue + ".source";
        await channel.QueueDeclareAsync(source, durable: false, exclusive: false, autoDelete: false, arguments: DeadLetterArguments, cancellationToken: Cancel);
        await channel.BasicPublishAsync("", source, mandatory: true, new BasicProperties { Type = "Send", CorrelationId = "1", Expiration = "1", UserId = "guest" }, "{}"u8.ToArray(), Cancel);
        await Wait.UntilAsync(async () => (await ListAsync()).Length == 1, "it has expired");
        await channel.QueueDeleteAsync(source, cancellationToken: Cancel);

        ToolRun asked = await RunAsync("dead", "replay", Dead, "1");
        ToolRun forced = await RunAsync("dead", "replay", Dead, "1", "--force");

        Assert.Equal((3, 3), (asked.Code, forced.Code)); // nobody can tell what the method promises, and then nobody takes it
        Assert.Contains("does not exist. The dead letter stays where it is.", forced.Error, StringComparison.Ordinal);
        Assert.Equal("expired", Assert.Single(await ListAsync()).GetProperty("reason").GetString());
    }

    [Fact]
    public async Task A_method_that_runs_at_most_once_is_repeated_by_force_alone()
    {
        var courier = new Courier();
        await ServeAsync(courier);
        await using IConnection connection = await new ConnectionFactory { Uri = new Uri(Broker.Url) }.CreateConnectionAsync(Cancel);
        await using IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel);
        await channel.BasicPublishAsync("", Queue, mandatory: true, new BasicProperties { Type = "SendOnce", CorrelationId = "1", ContentType = "text/strange" }, "{}"u8.ToArray(), Cancel);
        await Wait.UntilAsync(async () => (await ListAsync()).Length == 1, "it is refused");

        ToolRun refused = await RunAsync("dead", "replay", Dead, "1");
        ToolRun forced = await RunAsync("dead", "replay", Dead, "1", "--force");

        Assert.Equal((2, 0), (refused.Code, forced.Code));
        Assert.Contains("at most once", refused.Error, StringComparison.Ordinal);
        await Wait.UntilAsync(async () => (await ListAsync()).Length == 1, "it is refused again");
    }

    [Fact]
    public async Task Without_the_queue_there_is_nothing_to_list()
    {
        Assert.Equal(3, (await RunAsync("dead", "list", Dead)).Code);
        Assert.Equal(2, (await RunAsync("dead", "list", Dead, "--max", "0")).Code);
    }

    private Dictionary<string, object?> DeadLetterArguments => new() { ["x-dead-letter-exchange"] = "", ["x-dead-letter-routing-key"] = Dead };

    /// <summary>Serves a queue with a dead-letter exchange, which an application has by policy.</summary>
    private async Task ServeAsync(Courier courier)
    {
        await using (IConnection connection = await new ConnectionFactory { Uri = new Uri(Broker.Url) }.CreateConnectionAsync(Cancel))
        await using (IChannel channel = await connection.CreateChannelAsync(cancellationToken: Cancel))
        {
            await channel.QueueDeclareAsync(Queue, durable: true, exclusive: false, autoDelete: false, arguments: DeadLetterArguments, cancellationToken: Cancel);
            await channel.QueueDeclareAsync(Dead, durable: true, exclusive: false, autoDelete: false, cancellationToken: Cancel);
        }

        await (await ConnectAsync()).ServeAsync<ICourier>(courier, new RpcServerOptions(ServerOptions) { UseExistingQueue = true }, Cancel);
    }

    private async Task<JsonElement[]> ListAsync() => [.. JsonElement.Parse((await RunAsync("dead", "list", Dead, "--json")).Out).EnumerateArray()];

    private async Task<ToolRun> RunAsync(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync([.. args, "--broker", Broker.Url], new ToolConsole(output, error, TextReader.Null), Cancel).OrFail();
        return new ToolRun(code, output.ToString(), error.ToString());
    }

    private sealed record ToolRun(int Code, string Out, string Error);
}
