using System.Text.Json;
using RpcGen.Schemas;

namespace RpcGen.Cli.Schemas;

/// <summary>Writes schemas for people: types and rules on one line.</summary>
internal sealed class SchemaText(SchemaDocument document)
{
    private static readonly (string Keyword, string Text)[] Rules =
    [
        ("minimum", "at least "), ("exclusiveMinimum", "more than "), ("maximum", "at most "), ("exclusiveMaximum", "less than "),
        ("minLength", "characters, at least "), ("maxLength", "characters, at most "), ("minItems", "elements, at least "), ("maxItems", "elements, at most "),
        ("pattern", "matches "), ("x-pattern-dotnet", "matches "),
    ];

    /// <summary>The name of a type: <c>Order</c>, <c>int32</c>, <c>string[]?</c>.</summary>
    public string TypeOf(JsonElement schema)
    {
        if (MethodStreams.IsBytes(schema))
        {
            return "bytes";
        }

        if (MethodStreams.IsUpload(schema) || MethodStreams.IsProgress(schema))
        {
            string items = SchemaDocument.Member(schema, "items") is { } item ? TypeOf(item) : "any";
            return (MethodStreams.IsProgress(schema) ? "progress of " : "stream of ") + items;
        }

        (JsonElement value, bool allowsNull) = document.WithoutNull(schema);
        string name = SchemaDocument.NameOf(value) ?? NameOf(value);
        return name + (allowsNull ? "?" : "");
    }

    /// <summary>The rules of a value; empty if it has none.</summary>
    public string RulesOf(JsonElement schema)
    {
        (JsonElement value, _) = document.WithoutNull(schema);
        IEnumerable<string> rules = Rules
            .Select(rule => (rule.Text, Value: SchemaDocument.Member(schema, rule.Keyword) ?? SchemaDocument.Member(value, rule.Keyword)))
            .Where(rule => rule.Value is not null)
            .Select(rule => rule.Text + rule.Value);
        IEnumerable<string> names = SchemaDocument.Member(document.Resolve(value), "x-enum-varnames") is { ValueKind: JsonValueKind.Array } enums
            ? [string.Join(" | ", enums.EnumerateArray().Select((name, i) => $"{document.Resolve(value).GetProperty("enum")[i].GetRawText()} {name.GetString()}"))]
            : [];
        return string.Join(", ", rules.Concat(names));
    }

    private string NameOf(JsonElement schema)
    {
        string[] types = [.. SchemaDocument.TypesOf(schema).Where(type => type != "null")];
        if (types is ["array"])
        {
            return (SchemaDocument.Member(schema, "items") is { } items ? TypeOf(items) : "any") + "[]";
        }

        if (SchemaDocument.Member(schema, "additionalProperties") is { ValueKind: JsonValueKind.Object } entries)
        {
            return $"map of {TypeOf(entries)}";
        }

        return SchemaDocument.Member(schema, "format")?.GetString() ?? (SchemaDocument.Member(schema, "contentEncoding") is { } encoding ? encoding.GetString()! : types.Length == 0 ? "any" : string.Join("|", types));
    }
}
