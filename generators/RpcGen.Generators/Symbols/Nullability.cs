using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Decides which values can be null, and which must not be.</summary>
internal static class Nullability
{
    /// <summary>The type without <c>?</c>.</summary>
    public static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);

    /// <summary>Whether the type is a <c>Nullable&lt;T&gt;</c>.</summary>
    public static bool IsNullableValue(ITypeSymbol type) => type.IsValueType && HasNull(type);

    /// <summary>Whether null is a value of the type at run time, regardless of its annotations.</summary>
    public static bool HasNull(ITypeSymbol type) =>
        !type.IsValueType || type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };

    /// <summary>Whether the declaration says that the value is never null: a reference type in a nullable-enabled context, without <c>?</c>.</summary>
    public static bool RefusesNull(ITypeSymbol type, IEnumerable<AttributeData> attributes) =>
        type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.NotAnnotated } &&
        !attributes.Any(attribute => KnownTypes.Is(attribute.AttributeClass, "System.Diagnostics.CodeAnalysis", "AllowNullAttribute"));
}
