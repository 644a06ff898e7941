using Microsoft.CodeAnalysis;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Validation;

namespace RpcGen.Generators.Parsing;

/// <summary>Turns a method's parameters into models, with names that can't collide.</summary>
internal static class ParameterParser
{
    /// <summary>The names that tuples have taken.</summary>
    private static readonly string[] TupleMembers = ["CompareTo", "Deconstruct", "Equals", "GetHashCode", "GetType", "Rest", "ToString"];

    /// <summary>What else generated methods name that have a parameter for each of the contract's.</summary>
    private static readonly string[] Locals = ["_", "reader", "service", "cancellationToken", "validation", "Validation"];

    public static IEnumerable<ParameterModel> Parse(IMethodSymbol method, ValidationParser validation, TypeNames types)
    {
        var elements = new UniqueNames(TupleMembers);
        var properties = new UniqueNames([]);
        var locals = new UniqueNames(Locals);
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            bool isToken = KnownTypes.IsToken(parameter.Type);
            yield return new ParameterModel
            {
                Name = CSharpText.Identifier(parameter.Name),
                WireName = parameter.Name,
                Type = TypeOf(parameter, types),
                IsToken = isToken,
                IsParams = parameter.IsParams,
                ElementName = CSharpText.Identifier(elements.Take(IsNumberedItem(parameter.Name) ? "_" + parameter.Name : parameter.Name)),
                LocalName = isToken ? "cancellationToken" : CSharpText.Identifier(locals.Take(parameter.Name)),
                PropertyName = properties.Take("_" + CSharpText.Camel(parameter.Name)),
                DefaultValue = isToken ? null : DefaultValues.Of(parameter),
                Check = validation.Check(parameter),
            };
        }
    }

    /// <summary>The parameter's type as generated code declares it.</summary>
    public static string TypeOf(IParameterSymbol parameter, TypeNames types) =>
        types.Of(AllowsNull(parameter) ? parameter.Type.WithNullableAnnotation(NullableAnnotation.Annotated) : parameter.Type);

    /// <summary>Only the element there may be called <c>Item2</c>.</summary>
    private static bool IsNumberedItem(string name) => name.Length > 4 && name.StartsWith("Item", StringComparison.Ordinal) && name.Skip(4).All(char.IsDigit);

    /// <summary>With <c>[AllowNull]</c> a parameter takes null although its type does not say so.</summary>
    private static bool AllowsNull(IParameterSymbol parameter) =>
        parameter.Type.IsReferenceType &&
        KnownTypes.Attribute(parameter, "System.Diagnostics.CodeAnalysis", "AllowNullAttribute") is not null;
}
