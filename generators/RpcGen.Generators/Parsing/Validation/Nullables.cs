using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>Which values can be null, and which must not be.</summary>
internal static class Nullables
{
    /// <summary>The type less <c>?</c>.</summary>
    public static ITypeSymbol Underlying(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? nullable.TypeArguments[0]
            : type.WithNullableAnnotation(NullableAnnotation.NotAnnotated);

    public static bool IsNullableValue(ITypeSymbol type) => type.IsValueType && HasNull(type);

    public static bool HasNull(ITypeSymbol type) =>
        !type.IsValueType || type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T };

    /// <summary>Whether its declaration, in an annotated context, says that it is never null.</summary>
    public static bool RefusesNull(ITypeSymbol type, IEnumerable<AttributeData> attributes) =>
        type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.NotAnnotated } &&
        !attributes.Any(attribute => KnownTypes.Is(attribute.AttributeClass, "System.Diagnostics.CodeAnalysis", "AllowNullAttribute"));
}
