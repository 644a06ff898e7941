using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Serialization;

namespace RpcGen.Server.Introspection;

/// <summary>
/// Describes the values of a contract by JSON Schema. Shapes come from the serializer's metadata, and all else from the contract's
/// facts. Each type of the application has one definition, which all uses refer to.
/// </summary>
internal sealed class SchemaDefinitions
{
    private readonly ContractFacts _facts;
    private readonly JsonSchemaExporterOptions _options;
    private readonly OrderedDictionary<SchemaKey, JsonObject> _definitions = [];
    private readonly List<(JsonObject Reference, SchemaKey Key)> _references = [];

    public SchemaDefinitions(ContractFacts facts)
    {
        _facts = facts;
        _options = new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Transform };
    }

    /// <summary>Describes a value.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="facts">The facts about this use of the type.</param>
    public JsonObject Describe(JsonTypeInfo type, JsonObject? facts)
    {
        JsonObject schema;
        try
        {
            schema = type.GetJsonSchemaAsNode(_options) as JsonObject ?? [];
        }
        catch (Exception e) when (e is NotSupportedException or InvalidOperationException)
        {
            schema = []; // no schema can be derived: any value
        }

        return SchemaOverlay.Apply(schema, facts);
    }

    /// <summary>Names the definitions, and completes all references to them. Call it last.</summary>
    public JsonObject Complete()
    {
        Dictionary<SchemaKey, string> names = TypeKeys.NameAll(_definitions.Keys);
        foreach ((JsonObject reference, SchemaKey key) in _references)
        {
            if (names.TryGetValue(key, out string? name))
            {
                reference["$ref"] = Pointer(name);
            }
            else
            {
                reference.Remove("$ref"); // any value: a description with a gap is better than none
            }
        }

        var all = new JsonObject();
        foreach ((SchemaKey key, JsonObject definition) in _definitions.OrderBy(entry => names[entry.Key], StringComparer.Ordinal))
        {
            if (definition["oneOf"] is JsonArray && definition["discriminator"]?["mapping"] is JsonObject mapping)
            {
                Complete(mapping, key.Type, names);
            }

            all.Add(names[key], definition);
        }

        return all;
    }

    private static string Pointer(string name) => "#/$defs/" + name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static void Complete(JsonObject mapping, Type type, Dictionary<SchemaKey, string> names)
    {
        foreach ((SchemaKey key, string name) in names.Where(entry => entry.Key.Base == type))
        {
            foreach (string value in mapping.Where(entry => (string?)entry.Value == TypeKeys.Of(key.Type)).Select(entry => entry.Key).ToList())
            {
                mapping[value] = Pointer(name);
            }
        }
    }

    private JsonNode Transform(JsonSchemaExporterContext context, JsonNode node)
    {
        Type type = Nullable.GetUnderlyingType(context.TypeInfo.Type) ?? context.TypeInfo.Type;
        if (node is not JsonObject schema)
        {
            // true: a converter decides, that of the application unless it is RpcGen's for integers
            return context.PropertyInfo?.CustomConverter is null && LargeIntegers.AreText(type, context.TypeInfo.Options) ? SchemaFormats.OfIntegerText(type, AllowsNull(context)) : node;
        }

        SchemaFormats.Add(schema, type);
        if (!IsNamed(context, type, schema))
        {
            return schema["$ref"] is null ? schema : Repeat(context.TypeInfo, AllowsNull(context));
        }

        var key = new SchemaKey(type, context.BaseTypeInfo?.Type);
        JsonObject reference = Refer(key);
        JsonNode? defaultValue = schema["default"]?.DeepClone();
        schema.Remove("default");
        bool isKnown = schema["$ref"] is not null; // a type that contains itself
        bool allowsNull = isKnown ? AllowsNull(context) : TakeNull(schema);
        if (!isKnown && !_definitions.ContainsKey(key))
        {
            _definitions.Add(key, Define(schema, InfoOf(context, type)));
        }

        JsonObject use = allowsNull ? SchemaOverlay.AllowNull(reference) : reference;
        if (defaultValue is not null)
        {
            use["default"] = defaultValue;
        }

        return use;
    }

    /// <summary>
    /// The schema of a type without a definition, such as a list. The exporter describes it once in a document, and then refers to
    /// the place of the first description, which does not stay where it was.
    /// </summary>
    private JsonObject Repeat(JsonTypeInfo info, bool allowsNull)
    {
        Type type = Nullable.GetUnderlyingType(info.Type) ?? info.Type;
        JsonTypeInfo value = info.Type == type ? info : info.Options.GetTypeInfo(type);
        JsonObject schema = value.Kind switch
        {
            _ when IsNamed(value, type) => Refer(new SchemaKey(type, Base: null)),
            JsonTypeInfoKind.Enumerable => new JsonObject { ["type"] = "array", ["items"] = Repeat(value.Options.GetTypeInfo(value.ElementType!), IsNullable(value.ElementType!)) },
            JsonTypeInfoKind.Dictionary => new JsonObject { ["type"] = "object", ["additionalProperties"] = Repeat(value.Options.GetTypeInfo(value.ElementType!), IsNullable(value.ElementType!)) },
            JsonTypeInfoKind.Object => new JsonObject
            {
                ["type"] = "object",
                ["properties"] = new JsonObject(value.Properties.Select(member =>
                    KeyValuePair.Create(member.Name, (JsonNode?)Repeat(value.Options.GetTypeInfo(member.PropertyType), member.IsGetNullable || member.IsSetNullable)))),
            },
            _ => Describe(value, facts: null),
        };
        return allowsNull ? SchemaOverlay.AllowNull(schema) : schema;
    }

    private static bool IsNullable(Type type) => Nullable.GetUnderlyingType(type) is not null;

    private JsonObject Refer(SchemaKey key)
    {
        var reference = new JsonObject { ["$ref"] = "" };
        _references.Add((reference, key));
        return reference;
    }

    /// <summary>Types of the application have a definition, unless they are written by a converter of the application.</summary>
    private static bool IsNamed(JsonSchemaExporterContext context, Type type, JsonObject schema) =>
        context.PropertyInfo?.CustomConverter is null && schema.Count > 0 && IsNamed(InfoOf(context, type), type);

    private static bool IsNamed(JsonTypeInfo info, Type type)
    {
        bool isOfFramework = type.Assembly == typeof(object).Assembly || (type.Namespace is { } space && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal)));
        return !type.IsArray && !isOfFramework && !typeof(ITuple).IsAssignableFrom(type) && (type.IsEnum || info.Kind != JsonTypeInfoKind.None);
    }

    private static JsonTypeInfo InfoOf(JsonSchemaExporterContext context, Type type) =>
        context.TypeInfo.Type == type ? context.TypeInfo : context.TypeInfo.Options.GetTypeInfo(type);

    /// <summary>Whether the use of a type accepts null.</summary>
    private static bool AllowsNull(JsonSchemaExporterContext context) => context.PropertyInfo is { } member
        ? member.IsGetNullable || member.IsSetNullable
        : Nullable.GetUnderlyingType(context.TypeInfo.Type) is not null;

    /// <summary>Removes null from what the schema accepts.</summary>
    /// <returns>Whether it was there.</returns>
    private static bool TakeNull(JsonObject schema)
    {
        bool allowsNull =
            (schema["type"] is JsonArray types && types.Any(type => (string?)type == "null")) ||
            (schema["enum"] is JsonArray values && values.Any(value => value is null));
        SchemaOverlay.RefuseNull(schema);
        return allowsNull;
    }

    private JsonObject Define(JsonObject schema, JsonTypeInfo type)
    {
        JsonObject? facts = _facts.OfType(type.Type);
        if (type.Type.IsEnum)
        {
            return EnumSchemas.Define(schema, facts);
        }

        Subtypes.Describe(schema, type);
        JsonObject defined = SchemaOverlay.Apply(schema, WithoutRequired(facts));
        AddRequired(defined, facts);
        return defined;
    }

    private static JsonObject? WithoutRequired(JsonObject? facts)
    {
        if (facts?["required"] is null)
        {
            return facts;
        }

        var others = (JsonObject)facts.DeepClone();
        others.Remove("required");
        return others;
    }

    /// <summary>Adds the members that <c>[Required]</c> makes required, besides those that the serializer requires.</summary>
    private static void AddRequired(JsonObject schema, JsonObject? facts)
    {
        if (facts?["required"] is not JsonArray names)
        {
            return;
        }

        if (schema["required"] is not JsonArray required)
        {
            required = [];
            schema["required"] = required;
        }

        foreach (string name in names.Select(name => (string)name!))
        {
            if (!required.Any(known => (string?)known == name))
            {
                required.Add((JsonNode)name);
            }
        }
    }
}
