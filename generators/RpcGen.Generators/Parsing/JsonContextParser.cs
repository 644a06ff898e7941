using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>The user's <c>JsonSerializerContext</c>s, whose <c>Default</c> generated code may name.</summary>
internal static class JsonContextParser
{
    /// <returns>The context's full name; null where it is none, or out of reach.</returns>
    public static string? Parse(GeneratorAttributeSyntaxContext target)
    {
        var type = (INamedTypeSymbol)target.TargetSymbol;
        return IsUsable(type) ? KnownTypes.FullName(type) : null;
    }

    /// <summary>Whether it is a context of which generated code can name the <c>Default</c>.</summary>
    public static bool IsUsable(INamedTypeSymbol type) =>
        !type.IsAbstract && KnownTypes.IsOrDerives(type, "System.Text.Json.Serialization", "JsonSerializerContext") && IsReachable(type);

    private static bool IsReachable(INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? at = type; at is not null; at = at.ContainingType)
        {
            if (at.IsFileLocal || at.IsGenericType ||
                at.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal))
            {
                return false;
            }
        }

        return true;
    }
}
