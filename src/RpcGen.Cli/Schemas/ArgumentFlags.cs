using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Schemas;

namespace RpcGen.Cli.Schemas;

/// <summary>Turns <c>--order.lines.0.quantity 3</c> into a body. The schema says whether a value is text, a number or JSON.</summary>
internal static class ArgumentFlags
{
    private const int MaxIndex = 10_000;

    /// <summary>
    /// The flags of a command line. They are one argument of the command, because the parser takes options that it does not know as values of it,
    /// and because the help then explains them.
    /// </summary>
    public static Argument<string[]> Create() => new("ARGUMENTS")
    {
        HelpName = "--NAME VALUE",
        Description = "The arguments of the method, by name: --n 30. Dots lead to members and elements: --order.lines.0.quantity 3. Streams: --NAME @FILE, or - for the standard input. rpcgen describe lists them.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    /// <summary>Sets the values of flags in a body.</summary>
    /// <param name="body">The body.</param>
    /// <param name="tokens">Flags and values, as they stand on the command line.</param>
    /// <param name="arguments">The schema of the method's arguments.</param>
    /// <param name="document">The description.</param>
    /// <exception cref="UsageException">A flag names no argument, or its value does not fit.</exception>
    public static void Apply(JsonObject body, IReadOnlyList<string> tokens, JsonElement arguments, SchemaDocument document)
    {
        for (int i = 0; i < tokens.Count; i++)
        {
            if (!tokens[i].StartsWith("--", StringComparison.Ordinal))
            {
                throw new UsageException($"'{tokens[i]}' is not expected here. Arguments are given as --name VALUE, or as JSON with -d.");
            }

            string[] flag = tokens[i][2..].Split('=', 2);
            string? value = flag.Length == 2 ? flag[1] : i + 1 < tokens.Count && !tokens[i + 1].StartsWith("--", StringComparison.Ordinal) ? tokens[++i] : null;
            Set(body, flag[0].Split('.'), value, arguments, document, tokens[i]);
        }
    }

    private static void Set(JsonObject body, string[] path, string? value, JsonElement schema, SchemaDocument document, string flag)
    {
        JsonNode at = body;
        for (int i = 0; i < path.Length; i++)
        {
            schema = Inside(schema, path, i, document);
            JsonNode? next = i == path.Length - 1 ? Parse(value, schema, document, string.Join('.', path)) : Child(at, path[i]) ?? (IsArray(schema, document) ? new JsonArray() : new JsonObject());
            Put(at, path[i], next, flag);
            at = next ?? new JsonObject();
        }
    }

    private static bool IsArray(JsonElement schema, SchemaDocument document) => SchemaDocument.TypesOf(document.Resolve(document.WithoutNull(schema).Schema)).Contains("array");

    /// <summary>The schema of one step of a path.</summary>
    private static JsonElement Inside(JsonElement schema, string[] path, int step, SchemaDocument document)
    {
        JsonElement value = document.Resolve(document.WithoutNull(schema).Schema);
        if (SchemaDocument.TypesOf(value).Contains("array"))
        {
            return SchemaDocument.Member(value, "items") ?? default;
        }

        JsonElement properties = SchemaDocument.Member(value, "properties") ?? default;
        if (SchemaDocument.Member(properties, path[step]) is { } member)
        {
            return member;
        }

        if (SchemaDocument.Member(value, "additionalProperties") is { } entries)
        {
            return entries;
        }

        return properties.ValueKind == JsonValueKind.Object && SchemaDocument.Member(value, "oneOf") is null
            ? throw new UsageException($"There is no argument '{string.Join('.', path[..(step + 1)])}'. Known: {string.Join(", ", properties.EnumerateObject().Select(property => string.Join('.', path[..step].Append(property.Name))))}.")
            : default;
    }

    private static JsonNode? Child(JsonNode at, string name) => at switch
    {
        JsonObject node => node[name],
        JsonArray array => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < array.Count ? array[index] : null,
        _ => null,
    };

    private static void Put(JsonNode at, string name, JsonNode? value, string flag)
    {
        if (value?.Parent is not null)
        {
            return; // it is there already
        }

        switch (at)
        {
            case JsonObject node:
                node[name] = value;
                break;
            case JsonArray array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index <= MaxIndex:
                while (array.Count <= index)
                {
                    array.Add(null);
                }

                array[index] = value;
                break;
            default:
                throw new UsageException($"'{flag}' leads into a value that has no members: '{name}' must be the number of an element.");
        }
    }

    private static JsonNode? Parse(string? text, JsonElement schema, SchemaDocument document, string path)
    {
        (JsonElement value, bool allowsNull) = document.WithoutNull(schema);
        value = document.Resolve(value);
        string[] types = [.. SchemaDocument.TypesOf(value).Where(type => type != "null")];
        if (text is null)
        {
            return types is ["boolean"] ? JsonValue.Create(true) : throw new UsageException($"--{path} needs a value.");
        }

        if (allowsNull && text == "null")
        {
            return null;
        }

        if (types is ["string"])
        {
            return JsonValue.Create(text);
        }

        if (FindEnum(text, value) is { } number)
        {
            return number;
        }

        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException)
        {
            return types.Length == 0 ? JsonValue.Create(text) : throw new UsageException($"--{path} must be {string.Join(" or ", types)}: '{text}' is not.");
        }
    }

    /// <summary>The value of an enum's name.</summary>
    private static JsonNode? FindEnum(string text, JsonElement schema)
    {
        if (SchemaDocument.Member(schema, "x-enum-varnames") is not { } names || SchemaDocument.Member(schema, "enum") is not { } values)
        {
            return null;
        }

        int index = names.EnumerateArray().Select(name => name.GetString()).ToList().FindIndex(name => string.Equals(name, text, StringComparison.OrdinalIgnoreCase));
        return index < 0 ? null : JsonNode.Parse(values[index].GetRawText());
    }
}
