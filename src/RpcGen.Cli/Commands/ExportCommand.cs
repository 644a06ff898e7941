using System.CommandLine;
using System.Text;
using System.Text.Json.Nodes;
using RpcGen.Cli.Assemblies;
using RpcGen.Documents;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen export</c>: documents of running services, or of a compiled assembly.</summary>
internal static class ExportCommand
{
    public static Command Create(CommonOptions common, ToolConsole console) => new("export", "Write a document of a service.")
    {
        CreateAsyncApi(common, console),
        CreateSchema(common, console),
    };

    private static Command CreateAsyncApi(CommonOptions common, ToolConsole console)
    {
        var services = new Argument<string[]>("SERVICE") { Description = "The request queues. With --assembly, the default is all.", Arity = ArgumentArity.ZeroOrMore };
        var assembly = CreateAssembly();
        var target = new DocumentTarget();
        var title = new Option<string?>("--title") { Description = "The document's title. Default: the first queue." };
        var view = new Option<string>("--view") { Description = "Whose operations are described.", DefaultValueFactory = _ => "server" };
        view.AcceptOnlyFromAmong("server", "client");
        var specification = new Option<string>("--spec") { Description = "The version of AsyncAPI.", DefaultValueFactory = _ => AsyncApiDocument.DefaultSpecification };
        specification.AcceptOnlyFromAmong("3.0.0", "3.1.0");
        var command = new Command("asyncapi", "Write an AsyncAPI document.") { services, assembly, target.File, target.Check, title, view, specification };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            RpcServiceDescription[] descriptions = await DescribeAsync(common, line, line.GetValue(assembly), line.GetValue(services) ?? [], cancellationToken).ConfigureAwait(false);
            JsonObject document = AsyncApiDocument.Create(descriptions, line.GetValue(title), line.GetValue(view) == "client", line.GetRequiredValue(specification));
            await target.WriteAsync(line, console, document, cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static Command CreateSchema(CommonOptions common, ToolConsole console)
    {
        var service = Completions.Service(common);
        service.Description = "The request queue. With --assembly, it can be left out if there is only one.";
        service.Arity = ArgumentArity.ZeroOrOne;
        var assembly = CreateAssembly();
        var method = new Argument<string?>("METHOD") { Description = "The method. Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var target = new DocumentTarget();
        var command = new Command("schema", "Write the JSON Schema of types, arguments and results.") { service, method, assembly, target.File, target.Check };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            RpcServiceDescription[] descriptions = await DescribeAsync(common, line, line.GetValue(assembly), line.GetValue(service) is { } queue ? [queue] : [], cancellationToken).ConfigureAwait(false);
            if (descriptions.Length > 1)
            {
                throw new UsageException($"The assembly has several contracts. Name one: {string.Join(", ", descriptions.Select(description => description.Service.Queue))}.");
            }

            IEnumerable<RpcMethodDescription> methods = line.GetValue(method) is { } name ? [DescribeCommand.Find(descriptions[0], name)] : descriptions[0].Methods;
            await target.WriteAsync(line, console, SchemaExport.Create(descriptions[0], methods), cancellationToken).ConfigureAwait(false);
        });
        return command;
    }

    private static Option<string?> CreateAssembly() => new("--assembly") { Description = "A compiled assembly whose contracts are described, instead of running services. It is loaded, so use it only for assemblies that you trust." };

    private static async Task<RpcServiceDescription[]> DescribeAsync(CommonOptions common, ParseResult line, string? assembly, string[] services, CancellationToken cancellationToken)
    {
        if (assembly is not null)
        {
            return await ContractAssembly.DescribeAsync(assembly, services, cancellationToken).ConfigureAwait(false);
        }

        if (services.Length == 0)
        {
            throw new UsageException("Name a service, or an assembly with --assembly FILE.");
        }

        RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await Task.WhenAll(services.Select(service => common.DescribeAsync(line, connection, service, cancellationToken))).ConfigureAwait(false);
        }
    }

    /// <summary>Where a document goes: the standard output, a file, or a comparison with a file.</summary>
    private sealed class DocumentTarget
    {
        public Option<string?> File { get; } = new("--output", "-o") { Description = "The file. Default: the standard output." };

        public Option<bool> Check { get; } = new("--check") { Description = "Compare with the file, and write nothing. The exit code is 1 if it differs." };

        public async Task WriteAsync(ParseResult line, ToolConsole console, JsonObject document, CancellationToken cancellationToken)
        {
            string text = JsonOutput.ToText(document);
            string? path = line.GetValue(File);
            bool isCheck = line.GetValue(Check);
            if (path is null)
            {
                console.Out.Write(isCheck ? throw new UsageException("--check needs a file: --output FILE.") : text);
                return;
            }

            try
            {
                if (!isCheck)
                {
                    await System.IO.File.WriteAllTextAsync(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken).ConfigureAwait(false);
                }
                else if (await System.IO.File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false) is var kept && kept.ReplaceLineEndings("\n") != text)
                {
                    throw new CheckFailedException($"'{path}' is not what the service describes now. Write it again without --check.");
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new UsageException($"'{path}' cannot be {(isCheck ? "read" : "written")}: {e.Message}");
            }
        }
    }
}
