using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>A property or field of a data type, as System.Text.Json sees it.</summary>
internal sealed class JsonMember
{
    private const string Json = "System.Text.Json.Serialization";

    /// <summary><c>JsonObjectCreationHandling.Populate</c>.</summary>
    private const int Populate = 1;

    private JsonMember(ISymbol symbol, ITypeSymbol type, bool isWritten, bool isSettable)
    {
        Symbol = symbol;
        Type = type;
        Condition = JsonNames.IgnoreCondition(symbol);
        IsWritten = isWritten && !IsIgnored;
        IsSettable = isSettable && !IsIgnored;
    }

    /// <summary>The property or field.</summary>
    public ISymbol Symbol { get; }

    public ITypeSymbol Type { get; }

    /// <summary>The condition of its <c>[JsonIgnore]</c>.</summary>
    private JsonIgnoreCondition Condition { get; }

    /// <summary>Whether JSON neither writes nor reads it, because <c>[JsonIgnore]</c> says so.</summary>
    public bool IsIgnored => Condition == JsonIgnoreCondition.Always;

    /// <summary>Whether <c>[JsonIgnore]</c> says that it goes only one way.</summary>
    public bool IsOneWay => Condition is JsonIgnoreCondition.WhenWriting or JsonIgnoreCondition.WhenReading;

    /// <summary>Whether it is a public field that JSON ignores, because it lacks <c>[JsonInclude]</c>.</summary>
    public bool IsIgnoredField => Symbol is IFieldSymbol && !IsIgnored && !JsonNames.IsIncluded(Symbol);

    /// <summary>Whether JSON writes it.</summary>
    public bool IsWritten { get; }

    /// <summary>Whether JSON can set it after the object was created, or by its initializer.</summary>
    public bool IsSettable { get; }

    /// <summary>Whether JSON adds to the value that the constructor leaves.</summary>
    public bool IsPopulated =>
        IsPopulatedBy(Symbol) || (IsPopulatedBy(Symbol.ContainingType) && Type.IsReferenceType);

    public bool IsExtensionData => AttributeLookup.Find(Symbol, Json, "JsonExtensionDataAttribute") is not null;

    /// <summary>Whether <c>[JsonRequired]</c> says that messages must contain it.</summary>
    public bool HasRequiredAttribute => AttributeLookup.Find(Symbol, Json, "JsonRequiredAttribute") is not null;

    /// <summary>Whether <c>required</c> says that initializers must set it.</summary>
    public bool HasRequiredModifier => Symbol is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    /// <summary>Whether it has a converter of its own.</summary>
    public bool HasConverter => JsonConverters.HasConverter(Symbol);

    /// <summary>The member; null for what is no data: static members, indexers, and what is neither public nor included.</summary>
    public static JsonMember? Of(ISymbol member)
    {
        if (member.IsStatic || member.IsImplicitlyDeclared)
        {
            return null;
        }

        bool isIncluded = JsonNames.IsIncluded(member);
        return member switch
        {
            IPropertySymbol { IsIndexer: false, ExplicitInterfaceImplementations.IsEmpty: true } property => OfProperty(property, isIncluded),
            IFieldSymbol { IsConst: false } field when isIncluded => new JsonMember(field, field.Type, isWritten: true, isSettable: !field.IsReadOnly),
            IFieldSymbol { IsConst: false, DeclaredAccessibility: Accessibility.Public } field => new JsonMember(field, field.Type, isWritten: false, isSettable: false),
            _ => null,
        };
    }

    private static JsonMember? OfProperty(IPropertySymbol property, bool isIncluded)
    {
        bool isWritten = IsUsable(property.GetMethod, isIncluded);
        bool isSettable = IsUsable(property.SetMethod, isIncluded) || (isIncluded && !property.Locations.Any(location => location.IsInSource)); // private setters of other assemblies are not seen
        return isWritten || isSettable ? new JsonMember(property, property.Type, isWritten, isSettable) : null;
    }

    private static bool IsUsable(IMethodSymbol? accessor, bool isIncluded) =>
        accessor is not null && (isIncluded || accessor.DeclaredAccessibility == Accessibility.Public);

    private static bool IsPopulatedBy(ISymbol symbol) =>
        AttributeLookup.Find(symbol, Json, "JsonObjectCreationHandlingAttribute") is { ConstructorArguments: [{ Value: Populate }] };
}
