using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>The rules for types that become JSON objects: how they are created, and which members arrive.</summary>
internal sealed class ObjectRules
{
    private readonly INamedTypeSymbol _type;
    private readonly List<JsonProblem> _problems = [];

    private ObjectRules(INamedTypeSymbol type) => _type = type;

    public static JsonTypeReport Of(INamedTypeSymbol type) => new ObjectRules(type).Report();

    private JsonTypeReport Report()
    {
        bool isPolymorphic = JsonNames.DerivedTypes(_type).Any();
        if (_type.IsAbstract && !isPolymorphic)
        {
            Add(JsonProblemKind.Unsupported, _type, "use a class that is not abstract, or name its derived classes with [JsonDerivedType]", isOnlyRead: true);
        }

        List<JsonMember> all = JsonMembers.Of(_type);
        List<JsonMember> members = [.. all.Where(member => !member.IsIgnoredField)];
        var construction = new JsonConstruction(_type, members);
        _problems.AddRange(RefusedDeclarations.In(_type, members, construction));
        if (!_type.IsAbstract && !construction.IsPossible)
        {
            IMethodSymbol? candidate = construction.Candidate;
            _problems.Add(new JsonProblem(JsonProblemKind.Unsupported, _type, Uncreatable()) { IsOnlyRead = true, Edit = candidate is null ? null : "JsonConstructor", Constructor = candidate });
        }

        if (!_problems.Any(problem => problem.Kind is JsonProblemKind.Unsupported or JsonProblemKind.Refused))
        {
            AddLost(all, construction);
        }

        IEnumerable<JsonPart> parts = members.Where(member => member.IsWritten && !member.HasConverter).Select(member => new JsonPart(member.Type, IsRead(member, construction)));
        return new JsonTypeReport(_problems, [.. parts, .. JsonNames.DerivedTypes(_type).Select(derived => new JsonPart(derived, IsRead: true))]);
    }

    private string Uncreatable() => KnownTypes.IsOfFramework(_type)
        ? "use a type of your own, or one of those that docs/contracts.md lists"
        : "JSON cannot choose a constructor, so make exactly one public, or mark one with [JsonConstructor]";

    private static bool IsRead(JsonMember member, JsonConstruction construction) =>
        member.IsSettable || member.IsPopulated || member.IsExtensionData || construction.Sets(member);

    private void AddLost(List<JsonMember> members, JsonConstruction construction)
    {
        if (KnownTypes.IsOfFramework(_type))
        {
            bool losesAll = members.Count > 0 && !members.Any(member => IsRead(member, construction));
            if (losesAll || members.Any(member => member.IsIgnoredField) || KnownTypes.Is(_type, "System.Text", "StringBuilder"))
            {
                Add(JsonProblemKind.Changed, _type, "JSON cannot set what it holds, so use a type of your own, or send it as text or numbers");
            }

            return;
        }

        if (_type.TypeKind == TypeKind.Interface)
        {
            return; // its derived types hold the data
        }

        foreach (JsonMember member in members)
        {
            if (LostMembers.Problem(member, _type, construction, IsRead(member, construction)) is { } problem)
            {
                _problems.Add(problem);
            }
        }
    }

    private void Add(JsonProblemKind kind, ISymbol where, string cause, bool isOnlyRead = false) =>
        _problems.Add(new JsonProblem(kind, where, cause) { IsOnlyRead = isOnlyRead });
}
