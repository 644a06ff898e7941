using System.CommandLine;
using System.Globalization;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen list</c>: lists the running services and their instances.</summary>
internal static class ListCommand
{
    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var wait = new Option<double>("--wait") { Description = "How long to wait for answers, in seconds.", DefaultValueFactory = _ => 2, CustomParser = Numbers.Read<double> };
        var command = new Command("list", "List the services of the virtual host.") { wait };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            double seconds = line.GetValue(wait);
            if (seconds is not (> 0 and <= 60))
            {
                throw new UsageException("--wait must be a number of seconds, more than 0 and at most 60.");
            }

            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                var found = new List<RpcServiceInstance>();
                await foreach (RpcServiceInstance instance in connection.FindServicesAsync(window: TimeSpan.FromSeconds(seconds), cancellationToken: cancellationToken).ConfigureAwait(false))
                {
                    found.Add(instance);
                }

                Write(console, found, line.GetValue(common.Json));
            }
        });
        return command;
    }

    private static void Write(ToolConsole console, List<RpcServiceInstance> found, bool isJson)
    {
        IEnumerable<RpcServiceInstance> sorted = found.OrderBy(instance => instance.Queue, StringComparer.Ordinal).ThenBy(instance => instance.Instance.Id, StringComparer.Ordinal);
        if (isJson)
        {
            JsonOutput.Write(console.Out, writer =>
            {
                writer.WriteStartArray();
                foreach (RpcServiceInstance instance in sorted)
                {
                    JsonOutput.WriteInstance(writer, instance);
                }

                writer.WriteEndArray();
            });
            return;
        }

        if (found.Count == 0)
        {
            console.Error.WriteLine("No service answered. Servers need a permission to be found (see 'Finding services' in RpcGen's protocol.md); rpcgen describe QUEUE works without it.");
            return;
        }

        Table.Write(console.Out, [["SERVICE", "CONTRACT", "VERSION", "INSTANCES"], .. sorted.GroupBy(instance => instance.Queue).Select(Row)]);
        foreach (IGrouping<string, RpcServiceInstance> service in sorted.GroupBy(instance => instance.Queue).Where(service => service.Select(instance => instance.Digest).Distinct().Skip(1).Any()))
        {
            console.Error.WriteLine($"{OneLine.Of(service.Key)} runs with several descriptions: a deployment is under way, or was left unfinished.");
        }
    }

    private static string[] Row(IGrouping<string, RpcServiceInstance> service) =>
    [
        service.Key,
        Join(service.Select(instance => instance.Contract)),
        Join(service.Select(instance => instance.Version ?? "")),
        service.Count().ToString(CultureInfo.InvariantCulture),
    ];

    private static string Join(IEnumerable<string> values) => string.Join(", ", values.Select(value => value.Length == 0 ? "-" : value).Distinct());
}
