using System.CommandLine;
using RpcGen.Cli.Watching;
using RpcGen.Watching;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen watch</c>: calls, failures and run times, as they come.</summary>
internal static class WatchCommand
{
    private const double MinInterval = 0.1;
    private const double MaxInterval = 3600;

    public static Command Create(CommonOptions common, ToolConsole console)
    {
        Argument<string> service = Completions.Service(common);
        service.Description = "The request queue. Default: all services.";
        service.Arity = ArgumentArity.ZeroOrOne;
        var once = new Option<bool>("--once") { Description = "Show what was done since the instances started, and end." };
        var interval = new Option<double>("--interval") { Description = "The time between two answers, in seconds.", DefaultValueFactory = _ => 1, CustomParser = Numbers.Read<double> };
        var command = new Command("watch", "Show calls, failures and run times.") { service, once, interval };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            if (line.GetValue(interval) is not (>= MinInterval and <= MaxInterval and var seconds))
            {
                throw new UsageException($"--interval must be a number of seconds, at least 0.1 and at most {MaxInterval}.");
            }

            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var watch = new Watch(console, new Sampler(connection, line.GetValue(service)), line.GetValue(service), line.GetValue(common.Json));
                if (line.GetValue(once))
                {
                    await watch.ShowOnceAsync(cancellationToken).ConfigureAwait(false);
                }
                else
                {
                    await watch.ShowAsync(TimeSpan.FromSeconds(seconds), cancellationToken).ConfigureAwait(false);
                }
            }
        });
        return command;
    }

    /// <summary>One run of the command.</summary>
    private sealed class Watch(ToolConsole console, Sampler sampler, string? service, bool isJson)
    {
        private readonly HashSet<string> _said = [];

        public async Task ShowOnceAsync(CancellationToken cancellationToken)
        {
            IReadOnlyList<ServiceView> views = await sampler.SampleAsync(cancellationToken).ConfigureAwait(false);
            SayRefusals();
            if (views.Count == 0 && sampler.Refusals.Count == 0)
            {
                throw service is null
                    ? new UsageException("No service answered. Servers need a permission to be found; 'rpcgen watch QUEUE' works without it.")
                    : new RpcUnavailableException($"No instance of '{service}' answered. Is one running? Instances in the bare style do not answer.", service);
            }

            Write(console.Out, views, sinceStart: true);
        }

        /// <summary>Shows what arrives until the user presses Ctrl+C. That ends the command successfully.</summary>
        public async Task ShowAsync(TimeSpan interval, CancellationToken cancellationToken)
        {
            try
            {
                await RepeatAsync(interval, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
            }
        }

        private async Task RepeatAsync(TimeSpan interval, CancellationToken cancellationToken)
        {
            while (true)
            {
                long start = TimeProvider.System.GetTimestamp();
                IReadOnlyList<ServiceView> views = await sampler.SampleAsync(cancellationToken).ConfigureAwait(false);
                SayRefusals();
                console.Redraw(output => Write(output, views, sinceStart: false), isTable: !isJson);
                TimeSpan left = interval - TimeProvider.System.GetElapsedTime(start);
                await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
        }

        private void Write(TextWriter output, IReadOnlyList<ServiceView> views, bool sinceStart)
        {
            if (isJson)
            {
                WatchOutput.WriteJson(output, views);
            }
            else if (views.Count == 0)
            {
                output.WriteLine(service is null ? "No service answers." : $"No instance of '{service}' answers.");
            }
            else
            {
                WatchOutput.WriteTable(output, views, isDetailed: service is not null, sinceStart);
            }
        }

        private void SayRefusals()
        {
            foreach ((string queue, string reason) in sampler.Refusals)
            {
                if (_said.Add(queue))
                {
                    console.Error.WriteLine($"{queue}: {reason}");
                }
            }
        }
    }
}
