using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Validation;

/// <summary>A value that generated code validates: a parameter or a member.</summary>
/// <param name="Name">Its name in C#.</param>
/// <param name="JsonName">Its name in JSON.</param>
/// <param name="Type">Its type.</param>
/// <param name="Attributes">Its attributes, including inherited ones and those of a record's parameter.</param>
/// <param name="Owner">The type that declares it; null for a parameter.</param>
internal sealed record CheckedValue(string Name, string JsonName, ITypeSymbol Type, IReadOnlyList<AttributeData> Attributes, INamedTypeSymbol? Owner)
{
    /// <summary>Whether the value has validation attributes.</summary>
    public bool HasValidation => Attributes.Any(attribute => ValidationAttributes.IsValidation(attribute.AttributeClass));
}
