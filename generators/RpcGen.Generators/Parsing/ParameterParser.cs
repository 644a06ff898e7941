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
        // A field may not be called as its struct or as what every object has; a local not as the method's parameter.
        var fields = new UniqueNames(["Arguments", "Equals", "GetHashCode", "GetType", "ToString", "Finalize", "MemberwiseClone", "ReferenceEquals"]);
        var locals = new UniqueNames(method.Parameters.Select(p => p.Name).Append("reader"));
        var typeInfos = new UniqueNames([]);
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            yield return new ParameterModel
            {
                Name = CSharpText.Identifier(parameter.Name),
                WireName = parameter.Name,
                Type = Type(parameter),
                IsToken = KnownTypes.IsToken(parameter.Type),
                IsParams = parameter.IsParams,
                FieldName = fields.Take(CSharpText.Pascal(parameter.Name)),
                LocalName = parameter.Name == "reader" ? locals.Take("reader") : CSharpText.Identifier(parameter.Name),
                TypeInfoName = typeInfos.Take("_" + CSharpText.Camel(parameter.Name)),
                DefaultValue = DefaultValues.Of(parameter),
                Check = validation.Check(parameter),
            };
        }
    }

    /// <summary>With <c>[AllowNull]</c> a parameter takes null although its type does not say so.</summary>
    private static string Type(IParameterSymbol parameter) => KnownTypes.FullName(
        AllowsNull(parameter) ? parameter.Type.WithNullableAnnotation(NullableAnnotation.Annotated) : parameter.Type);

    private static bool AllowsNull(IParameterSymbol parameter) =>
        parameter.Type.IsReferenceType &&
        KnownTypes.Attribute(parameter, "System.Diagnostics.CodeAnalysis", "AllowNullAttribute") is not null;
}
