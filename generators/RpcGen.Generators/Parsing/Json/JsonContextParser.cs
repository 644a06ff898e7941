using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Finds the project's <c>JsonSerializerContext</c>s whose <c>Default</c> generated code can use.</summary>
internal static class JsonContextParser
{
    /// <returns>The context's full name; null if the class is not a context, or if generated code cannot access it.</returns>
    public static string? Parse(GeneratorAttributeSyntaxContext target)
    {
        var type = (INamedTypeSymbol)target.TargetSymbol;
        return IsUsable(type) ? TypeDisplay.FullName(type) : null;
    }

    /// <summary>Whether the class is a context whose <c>Default</c> generated code can use.</summary>
    public static bool IsUsable(INamedTypeSymbol type) =>
        !type.IsAbstract && KnownTypes.IsOrDerives(type, "System.Text.Json.Serialization", "JsonSerializerContext") && IsAccessible(type);

    private static bool IsAccessible(INamedTypeSymbol type)
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
