using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Descriptions;

/// <summary>The facts about data types and enums, by the keys of <see cref="TypeKeys"/>.</summary>
internal sealed class TypeFacts(Texts texts, CancellationToken cancellationToken)
{
    /// <summary>The facts about those of the types that the application declares, in ordinal order.</summary>
    public JsonText Of(IEnumerable<ITypeSymbol> types)
    {
        var byKey = new SortedDictionary<string, INamedTypeSymbol>(StringComparer.Ordinal);
        foreach (INamedTypeSymbol type in types.OfType<INamedTypeSymbol>())
        {
            if (!type.IsTupleType && !KnownTypes.IsOfFramework(type))
            {
                byKey[TypeKeys.Of(type)] = type;
            }
        }

        var facts = new JsonText();
        foreach (KeyValuePair<string, INamedTypeSymbol> type in byKey)
        {
            cancellationToken.ThrowIfCancellationRequested();
            facts.AddObject(type.Key, type.Value.TypeKind == TypeKind.Enum ? OfEnum(type.Value) : OfObject(type.Value));
        }

        return facts;
    }

    private JsonText OfEnum(INamedTypeSymbol type)
    {
        var names = new List<string>();
        var values = new List<string>();
        foreach (IFieldSymbol field in type.GetMembers().OfType<IFieldSymbol>())
        {
            if (field is { HasConstantValue: true, ConstantValue: IFormattable value })
            {
                names.Add(JsonText.Quote(field.Name));
                values.Add(value.ToString(null, CultureInfo.InvariantCulture));
            }
        }

        JsonText facts = Described(type);
        facts.AddList("names", names);
        facts.AddList("values", values);
        facts.Add("flags", AttributeLookup.Find(type, "System", "FlagsAttribute") is null ? null : "true");
        return facts;
    }

    private JsonText OfObject(INamedTypeSymbol type)
    {
        var properties = new JsonText();
        var required = new List<string>();
        foreach (JsonMember member in JsonMembers.Of(type).Where(member => member is { IsIgnored: false, IsIgnoredField: false, IsExtensionData: false }))
        {
            List<AttributeData> attributes = [.. ValidatedMembers.Attributes(member.Symbol)];
            JsonText value = ValueFacts.OfMember(member.Symbol, member.Type, attributes);
            value.AddText("description", texts.Of(member.Symbol) ?? texts.OfRecordParameter(member.Symbol));
            if (Texts.Deprecation(member.Symbol) is { } deprecation)
            {
                AddDeprecation(value, deprecation);
            }

            if (SchemaRules.Add(value, member.Type, attributes))
            {
                required.Add(JsonText.Quote(JsonNames.Of(member.Symbol)));
            }

            properties.AddObject(JsonNames.Of(member.Symbol), value);
        }

        JsonText facts = Described(type);
        facts.AddObject("properties", properties);
        facts.AddList("required", required);
        SchemaRules.AddOfType(facts, type);
        return facts;
    }

    private JsonText Described(INamedTypeSymbol type)
    {
        var facts = new JsonText();
        facts.AddText("description", texts.Of(type));
        if (Texts.Deprecation(type) is { } deprecation)
        {
            AddDeprecation(facts, deprecation);
        }

        return facts;
    }

    private static void AddDeprecation(JsonText facts, string message)
    {
        facts.Add("deprecated", "true");
        facts.AddText("x-deprecated", message.Length == 0 ? null : message);
    }
}
