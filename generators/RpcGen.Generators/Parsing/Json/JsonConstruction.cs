using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>How System.Text.Json creates objects of a type.</summary>
internal sealed class JsonConstruction
{
    private readonly INamedTypeSymbol _type;
    private readonly IReadOnlyCollection<JsonMember> _members;

    public JsonConstruction(INamedTypeSymbol type, IReadOnlyCollection<JsonMember> members)
    {
        _type = type;
        _members = members;
        List<IMethodSymbol> marked = [.. type.InstanceConstructors.Where(IsMarked)];
        HasSeveralMarked = marked.Count > 1;
        Constructor = marked.Count > 0 ? marked[0] : Unmarked();
        IsPossible = Constructor is not null || UsesDefault;
        Unmatched = Constructor?.Parameters.FirstOrDefault(parameter => Match(parameter) is null);
    }

    /// <summary>Whether more than one constructor has <c>[JsonConstructor]</c>.</summary>
    public bool HasSeveralMarked { get; }

    /// <summary>The constructor that is called; null for structs without a marked one, and if no other can be called.</summary>
    public IMethodSymbol? Constructor { get; }

    /// <summary>Whether objects can be created at all.</summary>
    public bool IsPossible { get; }

    /// <summary>The first parameter of the constructor that no member matches; null if members match all.</summary>
    public IParameterSymbol? Unmatched { get; }

    /// <summary>The one constructor that sets the most members, and whose parameters all match members; null if there is no such one.</summary>
    public IMethodSymbol? Candidate
    {
        get
        {
            List<IMethodSymbol> usable = [.. _type.InstanceConstructors.Where(constructor => constructor.Parameters.All(parameter => Match(parameter) is not null) && !IsCopy(constructor))];
            int most = usable.Count == 0 ? 0 : usable.Max(constructor => constructor.Parameters.Length);
            List<IMethodSymbol> best = [.. usable.Where(constructor => constructor.Parameters.Length == most)];
            return best is [{ IsImplicitlyDeclared: false } only] ? only : null;
        }
    }

    /// <summary>Whether the constructor sets the member.</summary>
    public bool Sets(JsonMember member) => ParameterOf(member) is not null;

    /// <summary>The constructor's parameter that sets the member; null if none does.</summary>
    public IParameterSymbol? ParameterOf(JsonMember member) => Constructor?.Parameters.FirstOrDefault(parameter => Fits(parameter, member));

    /// <summary>Whether a constructor has <c>[JsonConstructor]</c>.</summary>
    public static bool IsMarked(IMethodSymbol constructor) => AttributeLookup.Find(constructor, "System.Text.Json.Serialization", "JsonConstructorAttribute") is not null;

    /// <summary>Structs are created by their default, unless a constructor is marked.</summary>
    private bool UsesDefault => _type.IsValueType && !KnownTypes.Is(_type, "System.Collections.Generic", "KeyValuePair`2");

    private IMethodSymbol? Unmarked()
    {
        if (UsesDefault)
        {
            return null;
        }

        List<IMethodSymbol> open = [.. _type.InstanceConstructors.Where(constructor => constructor.DeclaredAccessibility == Accessibility.Public)];
        return open.FirstOrDefault(constructor => constructor.Parameters.IsEmpty && !_type.IsValueType) ??
            (_type.IsValueType ? open.FirstOrDefault(constructor => !constructor.Parameters.IsEmpty) : open is [var only] ? only : null);
    }

    private JsonMember? Match(IParameterSymbol parameter) => _members.FirstOrDefault(member => Fits(parameter, member));

    private static bool Fits(IParameterSymbol parameter, JsonMember member) =>
        string.Equals(parameter.Name, member.Symbol.Name, StringComparison.OrdinalIgnoreCase) &&
        SymbolEqualityComparer.Default.Equals(JsonGraph.Plain(parameter.Type), JsonGraph.Plain(member.Type));

    private bool IsCopy(IMethodSymbol constructor) =>
        constructor.Parameters is [var only] && SymbolEqualityComparer.Default.Equals(only.Type, _type);
}
