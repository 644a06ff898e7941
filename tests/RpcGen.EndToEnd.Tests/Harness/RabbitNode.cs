using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>A RabbitMQ node that the tests control with <c>tests/broker.sh</c>.</summary>
public abstract partial class RabbitNode : IBreakableBroker, IAsyncLifetime
{
    private string? _directory;
    private string? _url;
    private bool _isOurs;

    public string Url => _url ?? throw new InvalidOperationException("The broker was not started.");

    /// <summary>An existing node: its folder (null if the tests do not control it) and address.</summary>
    protected virtual (string? Directory, string Url)? Existing => null;

    /// <summary>The node's folder.</summary>
    public string Folder => _directory ?? throw new InvalidOperationException("This node was given by RPCGEN_TEST_BROKER, and is not ours.");

    /// <summary>Further arguments for the first start: settings and plugins of the node.</summary>
    protected virtual IEnumerable<string> StartArguments => [];

    /// <summary>The program, with its arguments, that runs the node's script; empty to run it directly.</summary>
    protected virtual IEnumerable<string> ScriptPrefix => [];

    public virtual async ValueTask InitializeAsync()
    {
        if (Existing is { } existing)
        {
            (_directory, _url) = existing;
            return;
        }

        string parent = Environment.GetEnvironmentVariable("RPCGEN_TEST_TEMP") ?? Path.GetTempPath();
        _directory = Path.Combine(parent, $"rpcgen-{Guid.NewGuid():N}"[..16]);
        _isOurs = true;
        _url = (await ScriptAsync("start", [.. StartArguments])).Trim();
    }

    public virtual async ValueTask DisposeAsync()
    {
        if (_isOurs)
        {
            await EndAsync();
            Directory.Delete(_directory!, recursive: true);
        }

        GC.SuppressFinalize(this);
    }

    public async Task<QueueInfo?> FindQueueAsync(string queue)
    {
        if (_directory is null)
        {
            return await LookAsync(queue);
        }

        string answer;
        do
        {
            answer = await EvalAsync(
                $"case rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>)) of " +
                "{ok, Q} -> try list_to_tuple([V || {_, V} <- rabbit_amqqueue:info(Q, [messages_ready, messages_unacknowledged, consumers])]) catch exit:_ -> ended end; " +
                "_ -> none end.");
        }
        while (answer.Contains("ended", StringComparison.Ordinal)); // it was deleted between the two steps

        return Numbers().Match(answer) is { Success: true } found ? new QueueInfo(Number(found, 1), Number(found, 2), (int)Number(found, 3)) : null;
    }

    public Task DeclareQueueAsync(string queue, int? maxLength = null, string? deadLetterQueue = null) =>
        Transports.BrokerClient.DeclareQueueAsync(Url, queue, maxLength, deadLetterQueue);

    public async Task DeleteQueueAsync(string queue)
    {
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        await channel.QueueDeleteAsync(queue);
    }

    public Task CloseConnectionsAsync() => EvalAsync("[(catch rabbit_networking:close_connection(P, \"closed by the test\")) || P <- rabbit_networking:connections()].");

    /// <summary>Does what RabbitMQ does when a client looks up a missing queue: closes the channel with 404.</summary>
    public Task CloseChannelsAsync() => CloseChannelsAsync("true");

    /// <summary>Does the same to the channels of one user.</summary>
    public Task CloseChannelsOfAsync(string user) => CloseChannelsAsync($"(catch rabbit_channel:info(C, [user])) =:= [{{user, <<\"{user}\">>}}]");

    /// <summary>Cuts every connection without a close handshake.</summary>
    public Task CutConnectionsAsync() => EvalAsync("[exit(P, kill) || P <- rabbit_networking:connections()].");

    public Task BlockAsync() => EvalAsync("rabbit_alarm:set_alarm({{resource_limit, memory, node()}, []}).");

    public Task UnblockAsync() => EvalAsync("rabbit_alarm:clear_alarm({resource_limit, memory, node()}).");

    public Task StopAsync() => ScriptAsync("stop");

    public Task KillAsync() => ScriptAsync("kill");

    public Task StartAsync() => ScriptAsync("start");

    public Task WipeAsync() => ScriptAsync("wipe");

    public Task PauseAsync() => ScriptAsync("pause");

    public Task ResumeAsync() => ScriptAsync("resume");

    private Task<string> CloseChannelsAsync(string condition) => EvalAsync(
        "[gen_server2:cast(C, {method, {'queue.declare', 0, <<\"no such queue\">>, true, false, false, false, false, []}, none, noflow}) || C <- rabbit_channel:list(), " + condition + "].");

    /// <summary>Ends the node for good.</summary>
    protected virtual Task EndAsync() => ScriptAsync("kill");

    /// <summary>Reads a file of the node's folder.</summary>
    protected string ReadFile(string name) => File.ReadAllText(Path.Combine(_directory!, name)).Trim();

    /// <summary>Runs Erlang in the node.</summary>
    public Task<string> EvalAsync(string expression) => ScriptAsync("eval", expression);

    /// <summary>The version of RabbitMQ.</summary>
    public async Task<Version> GetVersionAsync() => Version.Parse((await EvalAsync("rabbit_misc:version().")).Trim().Trim('"'));

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture);

    /// <summary>
    /// Connects for cleaning up and looking. A node that was paused resets connections that come right after it. Bounded here,
    /// because the library waits forever for a broker that a failed test has left paused.
    /// </summary>
    private async Task<IConnection> ConnectAsync()
    {
        IConnection? connection = null;
        await Wait.UntilAsync(
            async () =>
            {
                try
                {
                    connection = await new ConnectionFactory { Uri = new Uri(Url) }.CreateConnectionAsync().WaitAsync(Wait.Bound);
                }
                catch (BrokerUnreachableException)
                {
                    // Again, until the bound.
                }

                return connection is not null;
            },
            $"{Url} accepts a connection");
        return connection!;
    }

    private async Task<QueueInfo?> LookAsync(string queue)
    {
        await using IConnection connection = await ConnectAsync();
        await using IChannel channel = await connection.CreateChannelAsync();
        try
        {
            QueueDeclareOk found = await channel.QueueDeclarePassiveAsync(queue);
            return new QueueInfo(found.MessageCount, null, (int)found.ConsumerCount);
        }
        catch (OperationInterruptedException)
        {
            return null;
        }
    }

    private async Task<string> ScriptAsync(string verb, params string[] arguments)
    {
        string directory = _directory ?? throw new InvalidOperationException($"'{verb}' needs a broker of our own; this one was given by RPCGEN_TEST_BROKER.");
        string[] command = [.. ScriptPrefix, "bash", Repository.File("tests", "broker.sh"), verb, directory, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using Process process = Process.Start(start)!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(Wait.Bound);
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"broker.sh {verb} failed: {await output} {await errors}");
    }

    [GeneratedRegex(@"\{(\d+),\s*(\d+),\s*(\d+)\}")]
    private static partial Regex Numbers();
}

/// <summary>The node that most tests share: the one in RPCGEN_TEST_BROKER, or a private one. No test breaks it.</summary>
public sealed class SharedRabbit : RabbitNode
{
    protected override (string? Directory, string Url)? Existing =>
        Environment.GetEnvironmentVariable("RPCGEN_TEST_BROKER") is { Length: > 0 } url
            ? (Environment.GetEnvironmentVariable("RPCGEN_TEST_BROKER_DIR") is { Length: > 0 } directory ? directory : null, url)
            : null;
}

/// <summary>The node of one test class, which it can break.</summary>
public sealed class PrivateRabbit : RabbitNode;

/// <summary>A private node whose <c>max_message_size</c> is small. The node reads this setting at its start.</summary>
public sealed class SmallMessageRabbit : RabbitNode
{
    /// <summary>The largest message, in bytes.</summary>
    public const int MaxMessageSize = 200_000;

    protected override IEnumerable<string> StartArguments => ["--rabbit", $"{{max_message_size, {MaxMessageSize}}}"];
}
