using System.Diagnostics;
using System.Globalization;

namespace RpcGen.Chaos.Stage;

/// <summary>A private RabbitMQ, controlled with <c>tests/broker.sh</c>.</summary>
internal sealed class Broker(string script, string folder)
{
    /// <summary>Its address.</summary>
    public Uri Url { get; private set; } = null!;

    /// <summary>The version of RabbitMQ.</summary>
    public Version Version { get; private set; } = new();

    /// <summary>Starts it, or starts it again with its data.</summary>
    public async Task StartAsync()
    {
        Url = new Uri((await RunAsync("start")).Trim());
        Version = Version.Parse((await EvalAsync("rabbit_misc:version().")).Trim().Trim('"'));
    }

    /// <summary>Stops it cleanly.</summary>
    public Task StopAsync() => RunAsync("stop");

    /// <summary>Kills it.</summary>
    public Task KillAsync() => RunAsync("kill");

    /// <summary>Lets it hang.</summary>
    public Task PauseAsync() => RunAsync("pause");

    /// <summary>Ends that.</summary>
    public Task ResumeAsync() => RunAsync("resume");

    /// <summary>Runs Erlang in it.</summary>
    public Task<string> EvalAsync(string expression) => RunAsync("eval", expression);

    /// <summary>Sets what the user may do: a pattern for configure, write and read.</summary>
    public Task SetPermissionsAsync(string pattern) => EvalAsync($"rabbit_auth_backend_internal:set_permissions(<<\"guest\">>, <<\"/\">>, <<\"{pattern}\">>, <<\"{pattern}\">>, <<\"{pattern}\">>, <<\"chaos\">>).");

    /// <summary>How many queues there are.</summary>
    public async Task<int> CountQueuesAsync() => int.Parse((await EvalAsync("length(rabbit_amqqueue:list()).")).Trim(), CultureInfo.InvariantCulture);

    /// <summary>The messages of the request queue, waiting or running.</summary>
    public async Task<int> CountMessagesAsync(string queue)
    {
        string answer = await EvalAsync(
            $"case rabbit_amqqueue:lookup(rabbit_misc:r(<<\"/\">>, queue, <<\"{queue}\">>)) of {{ok, Q}} -> case catch rabbit_amqqueue:info(Q, [messages]) of [{{_, N}}] -> N; _ -> 0 end; _ -> 0 end.");
        return int.Parse(answer.Trim(), CultureInfo.InvariantCulture);
    }

    private async Task<string> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [script, arguments[0], folder, .. arguments[1..]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        string errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"broker.sh {string.Join(' ', arguments)} failed: {errors}");
    }
}
