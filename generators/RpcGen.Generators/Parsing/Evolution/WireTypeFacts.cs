using System.Globalization;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>The facts about one type that a contract transmits: its members, derived types, values or converter.</summary>
internal sealed class WireTypeFacts
{
    public const string OldClients = "old clients, which do not send it,";

    private const string Json = "System.Text.Json.Serialization";
    private const string Converter = "JsonConverterAttribute";

    private static readonly SymbolDisplayFormat Format = SymbolDisplayFormat.FullyQualifiedFormat
        .WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
        .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    private readonly INamedTypeSymbol _type;
    private readonly IAssemblySymbol _assembly;
    private readonly string _name;
    private readonly bool _isSent;
    private readonly bool _isReceived;
    private readonly List<WireFact> _facts = [];

    /// <param name="type">The type.</param>
    /// <param name="assembly">The contract's assembly, of which the source is known.</param>
    /// <param name="isText">Whether the contract sends an enum by its names.</param>
    /// <param name="isSent">Whether requests contain the type.</param>
    /// <param name="isReceived">Whether replies contain the type.</param>
    public WireTypeFacts(INamedTypeSymbol type, IAssemblySymbol assembly, Func<INamedTypeSymbol, bool> isText, bool isSent, bool isReceived)
    {
        _type = type;
        _assembly = assembly;
        _name = Name(type);
        _isSent = isSent;
        _isReceived = isReceived;
        if (IsOfApplication(type) && type.TypeKind == TypeKind.Enum && (!HasConverter(type) || WireEnums.IsText(type)))
        {
            AddEnum(type, WireEnums.IsText(type) || isText(type));
        }
        else if (AttributeLookup.Find(type, Json, Converter) is { } converter)
        {
            string by = AttributeLookup.Argument<ITypeSymbol>(converter) is { } converterType ? Name(converterType) : "a converter";
            Add(OfType, "converted by " + by, type, owner: null);
        }
        else if (IsOfApplication(type))
        {
            Add(OfType, "object", type, owner: null);
            AddNumbers(type, _name, OfType);
            AddValidation(WireValidation.OfType(type), type, _name, OfType);
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

    private void AddEnum(INamedTypeSymbol type, bool asText)
    {
        string owner = "type " + Name(type);
        Add(owner, asText ? "text" : "number", type, owner: null);
        foreach ((IFieldSymbol field, string path, string value) in WireEnums.Values(type, asText))
        {
            Add("enum " + path, value, field, owner);
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
        List<JsonMember> members = [.. JsonMembers.Of(_type).Where(member => member is { IsIgnored: false, IsIgnoredField: false })];
        var construction = new JsonConstruction(_type, members);
        foreach (JsonMember member in members)
        {
            AddMember(member, construction.ParameterOf(member));
        }
    }

    private void AddMember(JsonMember member, IParameterSymbol? parameter)
    {
        bool isRequired = member.HasRequiredModifier || member.HasRequiredAttribute;
        bool isText = WireEnums.IsText(member.Symbol);
        var value = new WireValue(
            Name(member.Type),
            isText ? WireValue.AsText : HasConverter(member.Symbol) ? WireValue.Converted : "",
            isRequired,
            isRequired ? null : parameter is not null ? WireDefaults.Of(parameter) : WireDefaults.Of(member.Symbol, member.Type, _assembly));
        string path = $"{_name}/{JsonNames.Of(member.Symbol)}", key = "member " + path;
        _facts.Add(new WireFact(key, value.ToString(), member.Symbol)
        {
            Owner = OfType,
            BreaksWhenAdded = isRequired ? Senders : _isSent && MissingMembers.AreRefused(member.Symbol, member.Type, parameter) ? OldClients : null,
            IsSent = _isSent,
            IsReceived = _isReceived,
        });
        AddNumbers(member.Symbol, path, key);
        AddValidation(WireValidation.Of(ValidatedMembers.Attributes(member.Symbol)), member.Symbol, path, key);
        if (isText && Nullability.Underlying(member.Type) is INamedTypeSymbol { TypeKind: TypeKind.Enum } type)
        {
            AddTextValues(type);
        }
    }

    /// <summary>The names of an enum that is a number elsewhere.</summary>
    private void AddTextValues(INamedTypeSymbol type)
    {
        foreach ((IFieldSymbol field, string path, string value) in WireEnums.Values(type, asText: true))
        {
            Add("enum " + path, value, field, "type " + Name(type));
        }
    }

    private void AddNumbers(ISymbol symbol, string path, string owner)
    {
        if (AttributeLookup.Find(symbol, Json, "JsonNumberHandlingAttribute") is { ConstructorArguments: [{ Value: int flags }] })
        {
            string handling = WireNumbers.Of(flags);
            Add("numbers " + path, handling, symbol, owner, WireChange.OfNewForms(handling));
        }
    }

    private void AddValidation(string rules, ISymbol symbol, string path, string owner)
    {
        if (rules.Length > 0)
        {
            _facts.Add(new WireFact("validation " + path, rules, symbol)
            {
                Owner = owner,
                BreaksWhenAdded = _isSent ? WireChange.OfNewValidation : null,
                IsSent = _isSent,
            });
        }
    }

    private static bool HasConverter(ISymbol symbol) => AttributeLookup.Find(symbol, Json, Converter) is not null;

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
