using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>The facts about one type that a contract transmits: its members, derived types, values or converter.</summary>
internal sealed class WireTypeFacts
{
    public const string OldClients = "old clients, which do not send it,";

    private const string Json = "System.Text.Json.Serialization";

    private static readonly SymbolDisplayFormat Format = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private readonly INamedTypeSymbol _type;
    private readonly string _name;
    private readonly bool _isSent;
    private readonly bool _isReceived;
    private readonly List<WireFact> _facts = [];

    public WireTypeFacts(INamedTypeSymbol type, bool isSent, bool isReceived)
    {
        _type = type;
        _name = Name(type);
        _isSent = isSent;
        _isReceived = isReceived;
        if (AttributeLookup.Find(type, Json, "JsonConverterAttribute") is { } converter)
        {
            string by = AttributeLookup.Argument<ITypeSymbol>(converter) is { } converterType ? Name(converterType) : "a converter";
            Add("type " + _name, "converted by " + by, type, owner: null);
        }
        else if (IsOfApplication(type) && type.TypeKind == TypeKind.Enum)
        {
            AddValues();
        }
        else if (IsOfApplication(type))
        {
            AddDerivedTypes();
            AddMembers();
        }
    }

    public IReadOnlyList<WireFact> All => _facts;

    /// <summary>The type's name in facts.</summary>
    public static string Name(ITypeSymbol type) => type.ToDisplayString(Format);

    /// <summary>Whether the application declares the type, and it is not a collection.</summary>
    private static bool IsOfApplication(INamedTypeSymbol type) =>
        type is { SpecialType: SpecialType.None, IsTupleType: false } &&
        !KnownTypes.IsOfFramework(type) &&
        !type.AllInterfaces.Any(candidate => candidate.SpecialType == SpecialType.System_Collections_IEnumerable);

    /// <summary>The discriminator that an attribute declares. A text that looks like a number is quoted.</summary>
    private static string Discriminator(AttributeData attribute) => attribute.ConstructorArguments switch
    {
        [_, { Value: string text }] when int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out _) => $"\"{text}\"",
        [_, { Value: { } value }] => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        _ => "none",
    };

    private void AddValues()
    {
        foreach (IFieldSymbol value in _type.GetMembers().OfType<IFieldSymbol>().Where(field => field.HasConstantValue))
        {
            Add($"enum {_name}/{value.Name}", Convert.ToString(value.ConstantValue, CultureInfo.InvariantCulture)!, value, OfType);
        }
    }

    private void AddDerivedTypes()
    {
        foreach ((AttributeData attribute, INamedTypeSymbol derived) in JsonNames.Subtypes(_type))
        {
            Add($"subtype {_name}/{Discriminator(attribute)}", Name(derived), _type, OfType);
        }

        if (AttributeLookup.Find(_type, Json, "JsonPolymorphicAttribute") is { } polymorphic && AttributeLookup.Named<string>(polymorphic, "TypeDiscriminatorPropertyName") is { } property)
        {
            Add("discriminator " + _name, property, _type, OfType, "old clients and old servers, which look for '$type',");
        }
    }

    private void AddMembers()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (INamedTypeSymbol? at = _type; at is { SpecialType: SpecialType.None }; at = at.BaseType)
        {
            foreach (ISymbol member in at.GetMembers())
            {
                if (JsonGraph.TypeOf(member) is { } memberType && names.Add(JsonNames.Of(member)))
                {
                    AddMember(member, memberType);
                }
            }
        }
    }

    private void AddMember(ISymbol member, ITypeSymbol memberType)
    {
        bool isRequired = member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true } ||
            AttributeLookup.Find(member, Json, "JsonRequiredAttribute") is not null;
        string value = Name(memberType) + (isRequired ? WireFact.Required : "") +
            (AttributeLookup.Find(member, Json, "JsonConverterAttribute") is null ? "" : " converted");
        string? breaks = isRequired ? Senders : _isSent && MissingMembers.AreRefused(member, memberType) ? OldClients : null;
        _facts.Add(new WireFact($"member {_name}/{JsonNames.Of(member)}", value, member)
        {
            Owner = OfType,
            BreaksWhenAdded = breaks,
            IsSent = _isSent,
            IsReceived = _isReceived,
        });
    }

    private string OfType => "type " + _name;

    /// <summary>The peers that do not send a new member yet.</summary>
    private string Senders => (_isSent, _isReceived) switch
    {
        (true, false) => OldClients,
        (false, true) => "new clients of old servers, which do not send it,",
        _ => "old clients, and new clients of old servers, which do not send it,",
    };

    private void Add(string key, string value, ISymbol where, string? owner, string? breaksWhenAdded = null) =>
        _facts.Add(new WireFact(key, value, where) { Owner = owner, BreaksWhenAdded = breaksWhenAdded });
}
