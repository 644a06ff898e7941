using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Delivery;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Methods;

/// <summary>Turns a method's parameters into models, with names that do not collide in generated code.</summary>
internal static class ParameterParser
{
    /// <summary>Members of value tuples, which tuple elements cannot be named after.</summary>
    private static readonly string[] TupleMembers = ["CompareTo", "Deconstruct", "Equals", "GetHashCode", "GetType", "Rest", "ToString"];

    /// <summary>Other names that occur in generated methods with a parameter for each argument.</summary>
    private static readonly string[] Locals = ["_", "reader", "service", "cancellationToken", "validation", "Validation"];

    public static IEnumerable<ParameterModel> Parse(IMethodSymbol method, INamedTypeSymbol contract, ValidationParser validation, TypeNames types)
    {
        var elements = new UniqueNames(TupleMembers);
        var fields = new UniqueNames([]);
        var locals = new UniqueNames(Locals);
        foreach (IParameterSymbol parameter in method.Parameters)
        {
            bool isToken = KnownTypes.IsToken(parameter.Type);
            yield return new ParameterModel
            {
                Name = Identifiers.Escape(parameter.Name),
                WireName = parameter.Name,
                Type = TypeOf(parameter, types),
                IsToken = isToken,
                IsParams = parameter.IsParams,
                ElementName = Identifiers.Escape(elements.Take(IsNumberedItem(parameter.Name) ? "_" + parameter.Name : parameter.Name)),
                LocalName = isToken ? "cancellationToken" : Identifiers.Escape(locals.Take(parameter.Name)),
                FieldName = fields.Take("_" + Identifiers.Camel(parameter.Name)),
                DefaultValue = isToken ? null : DefaultValues.Of(parameter),
                Constant = isToken && parameter.HasExplicitDefaultValue ? "default" : parameter.IsParams ? null : DefaultValues.ConstantOf(parameter),
                Stream = StreamType.Item(parameter) is { } item
                    ? new StreamModel(types.Of(item), Streams.LimitsOf(method, contract).ToEquatableArray()) { ItemCheck = validation.CheckItems(item) }
                    : null,
                Bytes = ByteStreamType.Is(parameter) ? Streams.BytesOf(method, contract) : null,
                Progress = ProgressType.Item(parameter) is { } value ? new StreamModel(types.Of(value), Streams.LimitsOf(method, contract).ToEquatableArray()) : null,
                IsNullable = parameter.Type.NullableAnnotation == NullableAnnotation.Annotated || AllowsNull(parameter),
                Check = validation.Check(parameter),
            };
        }
    }

    /// <summary>The parameter's type as generated code declares it.</summary>
    public static string TypeOf(IParameterSymbol parameter, TypeNames types) =>
        types.Of(AllowsNull(parameter) ? parameter.Type.WithNullableAnnotation(NullableAnnotation.Annotated) : parameter.Type);

    /// <summary>C# reserves <c>Item2</c> for the second element of a tuple.</summary>
    private static bool IsNumberedItem(string name) => name.Length > 4 && name.StartsWith("Item", StringComparison.Ordinal) && name.Skip(4).All(char.IsDigit);

    /// <summary>Whether <c>[AllowNull]</c> lets a parameter of non-nullable type accept null.</summary>
    private static bool AllowsNull(IParameterSymbol parameter) =>
        parameter.Type.IsReferenceType &&
        AttributeLookup.Find(parameter, "System.Diagnostics.CodeAnalysis", "AllowNullAttribute") is not null;
}
