using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using RpcGen.Schemas;

namespace RpcGen.Cli.Schemas;

/// <summary>Checks a body against the schema of a method's arguments before it is sent. The server decides; this only saves a round trip.</summary>
internal sealed class SchemaValidator(SchemaDocument document)
{
    /// <summary>More violations are not listed.</summary>
    private const int MaxViolations = 20;

    /// <summary>Schemas can refer to themselves. What is nested more deeply, and what takes more steps, is left to the server.</summary>
    private const int MaxDepth = 256;
    private const int MaxSteps = 200_000;

    private readonly StrongBox<int> _steps = new();
    private int _depth;

    private static readonly TimeSpan PatternTimeout = TimeSpan.FromSeconds(1);

    private readonly List<string> _violations = [];

    /// <summary>The violations, each with the path of its value.</summary>
    public IReadOnlyList<string> Check(JsonElement value, JsonElement schema, string path = "")
    {
        Visit(value, schema, path);
        return _violations;
    }

    private SchemaValidator(SchemaDocument document, StrongBox<int> steps, int depth)
        : this(document)
    {
        _steps = steps;
        _depth = depth;
    }

    private void Visit(JsonElement value, JsonElement schema, string path)
    {
        if (schema.ValueKind != JsonValueKind.Object || _violations.Count >= MaxViolations || _depth >= MaxDepth || ++_steps.Value > MaxSteps)
        {
            return; // true: any value
        }

        _depth++;
        VisitSchema(value, schema, path);
        _depth--;
    }

    private void VisitSchema(JsonElement value, JsonElement schema, string path)
    {
        if (SchemaDocument.NameOf(schema) is not null)
        {
            Visit(value, document.Resolve(schema), path);
        }

        foreach (string keyword in new[] { "anyOf", "oneOf" })
        {
            if (SchemaDocument.Member(schema, keyword) is { ValueKind: JsonValueKind.Array } choices)
            {
                VisitChoices(value, [.. choices.EnumerateArray()], path);
            }
        }

        string[] types = SchemaDocument.TypesOf(schema);
        if (types.Length > 0 && !types.Any(type => HasType(value, type)))
        {
            Add(path, $"must be {string.Join(" or ", types)}");
            return;
        }

        VisitScalar(value, schema, path);
        if (value.ValueKind == JsonValueKind.Object)
        {
            VisitObject(value, schema, path);
        }
        else if (value.ValueKind == JsonValueKind.Array)
        {
            VisitArray(value, schema, path);
        }
    }

    /// <summary>The violations of the choice that fits best: the one with the fewest. That null is allowed helps nobody who gave a value.</summary>
    private void VisitChoices(JsonElement value, JsonElement[] choices, string path)
    {
        List<string>? fewest = null;
        foreach (JsonElement choice in choices)
        {
            var inner = new SchemaValidator(document, _steps, _depth);
            inner.Visit(value, choice, path);
            if (inner._violations.Count == 0)
            {
                return;
            }

            if (!IsNullAlone(choice) && (fewest is null || inner._violations.Count < fewest.Count))
            {
                fewest = inner._violations;
            }
        }

        _violations.AddRange(fewest?.Take(MaxViolations) ?? []);
    }

    private static bool IsNullAlone(JsonElement choice) => SchemaDocument.TypesOf(choice).SequenceEqual(["null"]);

    private void VisitObject(JsonElement value, JsonElement schema, string path)
    {
        foreach (JsonElement name in SchemaDocument.Member(schema, "required") is { ValueKind: JsonValueKind.Array } required ? required.EnumerateArray() : default)
        {
            if (!value.TryGetProperty(name.GetString()!, out _))
            {
                Add(Join(path, name.GetString()!), "is required");
            }
        }

        JsonElement properties = SchemaDocument.Member(schema, "properties") ?? default;
        JsonElement? others = SchemaDocument.Member(schema, "additionalProperties");
        foreach (JsonProperty member in value.EnumerateObject())
        {
            if (SchemaDocument.Member(properties, member.Name) is { } known)
            {
                Visit(member.Value, known, Join(path, member.Name));
            }
            else if (others is { ValueKind: JsonValueKind.Object } entries)
            {
                Visit(member.Value, entries, Join(path, member.Name));
            }
        }

        CheckBounds(value.EnumerateObject().Count(), schema, "minProperties", "maxProperties", "entries", path);
    }

    private void VisitArray(JsonElement value, JsonElement schema, string path)
    {
        CheckBounds(value.GetArrayLength(), schema, "minItems", "maxItems", "elements", path);
        if (SchemaDocument.Member(schema, "items") is { } items)
        {
            int index = 0;
            foreach (JsonElement element in value.EnumerateArray())
            {
                Visit(element, items, $"{path}[{index++.ToString(CultureInfo.InvariantCulture)}]");
            }
        }
    }

    private void VisitScalar(JsonElement value, JsonElement schema, string path)
    {
        if (SchemaDocument.Member(schema, "enum") is { ValueKind: JsonValueKind.Array } values && !values.EnumerateArray().Any(known => JsonElement.DeepEquals(known, value)))
        {
            Add(path, $"must be one of {string.Join(", ", values.EnumerateArray().Select(known => known.GetRawText()))}");
        }

        if (SchemaDocument.Member(schema, "const") is { } constant && !JsonElement.DeepEquals(constant, value))
        {
            Add(path, $"must be {constant.GetRawText()}");
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            CheckBounds(value.GetString()!.Length, schema, "minLength", "maxLength", "characters", path);
            CheckPattern(value.GetString()!, schema, path);
        }
        else if (value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out decimal number))
        {
            CheckNumber(number, schema, path);
        }
    }

    private void CheckNumber(decimal number, JsonElement schema, string path)
    {
        decimal? low = Number(schema, "minimum");
        decimal? high = Number(schema, "maximum");
        if (number < low || number > high)
        {
            Add(path, (low, high) switch
            {
                ({ } from, { } to) => string.Create(CultureInfo.InvariantCulture, $"must be {from} to {to}"),
                ({ } from, null) => string.Create(CultureInfo.InvariantCulture, $"must be at least {from}"),
                _ => string.Create(CultureInfo.InvariantCulture, $"must be at most {high}"),
            });
        }

        if (number <= Number(schema, "exclusiveMinimum"))
        {
            Add(path, string.Create(CultureInfo.InvariantCulture, $"must be more than {Number(schema, "exclusiveMinimum")}"));
        }

        if (number >= Number(schema, "exclusiveMaximum"))
        {
            Add(path, string.Create(CultureInfo.InvariantCulture, $"must be less than {Number(schema, "exclusiveMaximum")}"));
        }
    }

    private void CheckPattern(string text, JsonElement schema, string path)
    {
        if (SchemaDocument.Member(schema, "pattern") is not { ValueKind: JsonValueKind.String } pattern)
        {
            return;
        }

        try
        {
            if (!Regex.IsMatch(text, pattern.GetString()!, RegexOptions.CultureInvariant, PatternTimeout))
            {
                Add(path, $"must match {pattern.GetString()}");
            }
        }
        catch (Exception e) when (e is ArgumentException or RegexMatchTimeoutException)
        {
            // The server decides.
        }
    }

    private void CheckBounds(int count, JsonElement schema, string minimum, string maximum, string what, string path)
    {
        if (count < Number(schema, minimum))
        {
            Add(path, string.Create(CultureInfo.InvariantCulture, $"must have at least {Number(schema, minimum)} {what}"));
        }

        if (count > Number(schema, maximum))
        {
            Add(path, string.Create(CultureInfo.InvariantCulture, $"must have at most {Number(schema, maximum)} {what}"));
        }
    }

    private static decimal? Number(JsonElement schema, string name) =>
        SchemaDocument.Member(schema, name) is { ValueKind: JsonValueKind.Number } bound && bound.TryGetDecimal(out decimal value) ? value : null;

    private static bool HasType(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "string" => value.ValueKind == JsonValueKind.String,
        "number" => value.ValueKind == JsonValueKind.Number,
        "integer" => value.ValueKind == JsonValueKind.Number && !value.GetRawText().AsSpan().ContainsAny(".eE"),
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        _ => true,
    };

    private void Add(string path, string message) => _violations.Add($"{(path.Length == 0 ? "$" : path)}: {message}.");

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}
