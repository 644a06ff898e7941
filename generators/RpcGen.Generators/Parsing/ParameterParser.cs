using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Validation;

namespace RpcGen.Generators.Parsing;

/// <summary>Turns a method's parameters into models, with names that can't collide.</summary>
internal static class ParameterParser
{
    public static IEnumerable<ParameterModel> Parse(IMethodSymbol method, ValidationParser validation)
    {
        // The names that tuples have taken; a local may not be called as the method's parameter.
        var elements = new UniqueNames(["CompareTo", "Deconstruct", "Equals", "GetHashCode", "GetType", "Rest", "ToString"]);
        var locals = new UniqueNames(method.Parameters.Select(p => p.Name).Append("reader"));
        var properties = new UniqueNames([]);
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            yield return new ParameterModel
            {
                Name = CSharpText.Identifier(parameter.Name),
                WireName = parameter.Name,
                Type = Type(parameter),
                IsToken = KnownTypes.IsToken(parameter.Type),
                IsParams = parameter.IsParams,
                ElementName = CSharpText.Identifier(elements.Take(IsNumberedItem(parameter.Name) ? "_" + parameter.Name : parameter.Name)),
                LocalName = parameter.Name == "reader" ? locals.Take("reader") : CSharpText.Identifier(parameter.Name),
                PropertyName = properties.Take("_" + CSharpText.Camel(parameter.Name)),
                DefaultValue = DefaultValues.Of(parameter),
                Check = validation.Check(parameter),
            };
        }
    }

    /// <summary>With <c>[AllowNull]</c> a parameter takes null although its type does not say so.</summary>
    private static string Type(IParameterSymbol parameter) => KnownTypes.FullName(
        AllowsNull(parameter) ? parameter.Type.WithNullableAnnotation(NullableAnnotation.Annotated) : parameter.Type);

    /// <summary>Only the element there may be called <c>Item2</c>.</summary>
    private static bool IsNumberedItem(string name) => name.Length > 4 && name.StartsWith("Item", StringComparison.Ordinal) && name.Skip(4).All(char.IsDigit);

    private static bool AllowsNull(IParameterSymbol parameter) =>
        parameter.Type.IsReferenceType &&
        KnownTypes.Attribute(parameter, "System.Diagnostics.CodeAnalysis", "AllowNullAttribute") is not null;
}
