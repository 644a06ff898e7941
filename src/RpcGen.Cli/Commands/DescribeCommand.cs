using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen describe</c>: the methods of a service.</summary>
internal static class DescribeCommand
{
    /// <summary>Types are written down to this depth.</summary>
    private const int MaxDepth = 5;

    /// <summary>More members of one method are not listed.</summary>
    private const int MaxMembers = 500;

    public static Command Create(CommonOptions common, ToolConsole console)
    {
        var service = Completions.Service(common);
        var method = new Argument<string?>("METHOD") { Description = "The method. Default: all.", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("describe", "Show the methods of a service.") { service, method };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            string queue = line.GetRequiredValue(service);
            RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
            await using (connection.ConfigureAwait(false))
            {
                RpcServiceDescription description = await common.DescribeAsync(line, connection, queue, cancellationToken).ConfigureAwait(false);
                Write(console, description, line.GetValue(method), line.GetValue(common.Json));
            }
        });
        return command;
    }

    /// <summary>Finds a method by its name, in any case.</summary>
    /// <exception cref="UsageException">There is no such method.</exception>
    public static RpcMethodDescription Find(RpcServiceDescription description, string name) =>
        description.Methods.FirstOrDefault(method => method.Name == name)
        ?? description.Methods.FirstOrDefault(method => string.Equals(method.Name, name, StringComparison.OrdinalIgnoreCase))
        ?? throw new UsageException($"'{description.Service.Queue}' has no method '{name}'. It has: {string.Join(", ", description.Methods.Select(method => method.Name))}.");

    private static void Write(ToolConsole console, RpcServiceDescription description, string? name, bool isJson)
    {
        RpcMethodDescription? only = name is null ? null : Find(description, name);
        if (isJson)
        {
            JsonElement root = JsonElement.Parse(description.Utf8Json.Span);
            JsonOutput.Write(console.Out, (only is null ? root : root.GetProperty("methods").EnumerateArray().First(method => method.GetProperty("name").GetString() == only.Name)).WriteTo);
            return;
        }

        if (only is null)
        {
            console.Out.WriteLine(OneLine.Of($"{description.Service.Queue}: {description.Service.Contract} {description.Service.Version}".TrimEnd()));
            WriteText(console.Out, description.Summary, "");
            console.Out.WriteLine();
        }

        var document = new SchemaDocument(description.Utf8Json);
        foreach (RpcMethodDescription method in only is null ? description.Methods : [only])
        {
            Write(console.Out, method, document, isDetailed: only is not null);
        }
    }

    private static void Write(TextWriter output, RpcMethodDescription method, SchemaDocument document, bool isDetailed)
    {
        var text = new SchemaText(document);
        JsonElement properties = SchemaDocument.Member(method.Arguments, "properties") ?? default;
        string parameters = properties.ValueKind != JsonValueKind.Object ? "" : string.Join(", ", properties.EnumerateObject().Select(parameter =>
            $"{parameter.Name}: {text.TypeOf(parameter.Value)}{(SchemaDocument.Member(parameter.Value, "default") is { } value ? " = " + value.GetRawText() : "")}"));
        string result = method.Items is { } items ? MethodStreams.IsBytes(items) ? " → bytes" : " → stream of " + text.TypeOf(items) : method.Result is { } schema ? " → " + text.TypeOf(schema) : "";
        output.WriteLine(OneLine.Of($"{method.Name}({parameters}){result}"));
        WriteText(output, method.Summary, "  ");
        WriteText(output, method.Deprecation is { } reason ? $"Obsolete. {reason}".TrimEnd() : null, "  ");
        if (!isDetailed)
        {
            return;
        }

        string limit = method.Timeout is { } timeout ? string.Create(CultureInfo.InvariantCulture, $"{timeout.TotalSeconds} s") : "no time limit";
        output.WriteLine($"  {limit} · {Promise(method)}");
        int left = MaxMembers;
        WriteMembers(output, properties, document, "", 0, ref left);
        if (left < 0)
        {
            output.WriteLine($"  … and more than {MaxMembers} members. --json has all types.");
        }

        foreach ((string code, JsonElement data) in method.Faults)
        {
            JsonElement members = SchemaDocument.Member(data, "properties") ?? default;
            string list = members.ValueKind == JsonValueKind.Object ? string.Join(", ", members.EnumerateObject().Select(member => $"{member.Name}: {text.TypeOf(member.Value)}")) : "";
            output.WriteLine("  " + OneLine.Of($"fault {code} {{ {list} }}"));
        }
    }

    private static string Promise(RpcMethodDescription method) =>
        (method.IsOneWay ? "one-way, " : "") + (method.Delivery switch
        {
            RpcDelivery.Idempotent => "can run twice without harm",
            RpcDelivery.AtMostOnce => "runs at most once",
            _ => "can run twice if a server is lost",
        });

    private static void WriteMembers(TextWriter output, JsonElement properties, SchemaDocument document, string path, int depth, ref int left)
    {
        var text = new SchemaText(document);
        foreach (JsonProperty member in properties.ValueKind == JsonValueKind.Object ? properties.EnumerateObject() : default)
        {
            if (--left < 0)
            {
                return;
            }

            string name = path + member.Name;
            string[] parts = [name, text.TypeOf(member.Value), text.RulesOf(member.Value), SchemaDocument.Member(member.Value, "description")?.GetString() ?? ""];
            output.WriteLine("  " + OneLine.Of(string.Join("  ", parts.Where(part => part.Length > 0))));
            (JsonElement value, _) = document.WithoutNull(member.Value);
            value = document.Resolve(value);
            bool isArray = SchemaDocument.TypesOf(value).Contains("array"); // also streams and progress
            JsonElement inner = isArray && SchemaDocument.Member(value, "items") is { } items ? document.Resolve(document.WithoutNull(items).Schema) : value;
            if (depth < MaxDepth && SchemaDocument.Member(inner, "properties") is { } members)
            {
                WriteMembers(output, members, document, name + (isArray ? "[]." : "."), depth + 1, ref left);
            }
        }
    }

    private static void WriteText(TextWriter output, string? text, string indent)
    {
        if (text is not null)
        {
            output.WriteLine(indent + text.ReplaceLineEndings("\n" + indent)); // lines of a text stay below the method
        }
    }
}
