using System.CommandLine;
using System.Text.Json;
using RpcGen.Cli.Checks;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen doctor</c>: checks connection, permissions and a service, and says what to do.</summary>
internal static class DoctorCommand
{
    public static Command Create(CommonOptions common, ToolConsole console)
    {
        Argument<string> service = Completions.Service(common);
        service.Arity = ArgumentArity.ZeroOrOne;
        var command = new Command("doctor", "Check the connection, the permissions and a service. Each finding has its remedy.") { service };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            List<Finding> findings = [];
            await CheckAsync(common, line, line.GetValue(service), findings, cancellationToken).ConfigureAwait(false);
            if (line.GetValue(common.Json))
            {
                WriteJson(console.Out, findings);
            }
            else
            {
                Write(console.Out, findings);
            }

            if (findings.Count(finding => finding.Kind == FindingKind.Failure) is > 0 and var failures)
            {
                throw new CheckFailedException(failures == 1 ? "One check failed." : $"{failures} checks failed.");
            }
        });
        return command;
    }

    private static async Task CheckAsync(CommonOptions common, ParseResult line, string? service, List<Finding> findings, CancellationToken cancellationToken)
    {
        RpcConnection connection;
        try
        {
            connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            findings.Add(new Finding(FindingKind.Failure, "connection", e.Message, "Check the address, and that the broker runs. --broker or RPCGEN_BROKER sets the address."));
            return;
        }

        await using (connection.ConfigureAwait(false))
        {
            string address = common.AddressOf(line);
            findings.Add(new Finding(FindingKind.Ok, "connection", "open"));
            if (Uri.TryCreate(address, UriKind.Absolute, out Uri? uri) && uri.Scheme is "amqp" or "amqps")
            {
                await new BrokerChecks(new UriBuilder(uri) { Query = "" }.Uri, findings).RunAsync(service, cancellationToken).ConfigureAwait(false);
            }
            else
            {
                findings.Add(new Finding(FindingKind.Warning, "details", "the broker's own checks are left out", "They need an address with one host: amqp://user@host."));
            }

            var services = new ServiceChecks(connection, findings);
            await services.CheckFindingAsync(cancellationToken).ConfigureAwait(false);
            if (service is not null)
            {
                await services.CheckServiceAsync(service, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static void Write(TextWriter output, List<Finding> findings)
    {
        foreach (Finding finding in findings)
        {
            output.WriteLine($"{NameOf(finding.Kind),-4}  {finding.Check,-11}  {OneLine.Of(finding.Detail)}");
            if (finding.Remedy is { } remedy)
            {
                output.WriteLine($"{"",-19}{remedy}");
            }
        }
    }

    private static void WriteJson(TextWriter output, List<Finding> findings) => JsonOutput.Write(output, writer =>
    {
        writer.WriteStartArray();
        foreach (Finding finding in findings)
        {
            Write(writer, finding);
        }

        writer.WriteEndArray();
    });

    private static void Write(Utf8JsonWriter writer, Finding finding)
    {
        writer.WriteStartObject();
        writer.WriteString("result", NameOf(finding.Kind));
        writer.WriteString("check", finding.Check);
        writer.WriteString("detail", finding.Detail);
        writer.WriteString("remedy", finding.Remedy);
        writer.WriteEndObject();
    }

    private static string NameOf(FindingKind kind) => kind switch
    {
        FindingKind.Ok => "ok",
        FindingKind.Warning => "warn",
        _ => "FAIL",
    };
}
