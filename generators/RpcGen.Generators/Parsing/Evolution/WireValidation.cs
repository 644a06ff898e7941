using Microsoft.CodeAnalysis;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Evolution;

/// <summary>Writes the validation rules of a value or type as one text, in an order that does not depend on that of the attributes.</summary>
internal static class WireValidation
{
    /// <summary>The rules; empty without rules. Their messages are left out, because no peer relies on them.</summary>
    public static string Of(IEnumerable<AttributeData> attributes, bool checksItself = false)
    {
        IEnumerable<string> rules = attributes
            .Where(attribute => ValidationAttributes.IsValidation(attribute.AttributeClass) && ValidationAttributes.FrameworkName(attribute.AttributeClass!) != "DataTypeAttribute")
            .Select(Text);
        return string.Join("; ", (checksItself ? rules.Append("IValidatableObject") : rules).OrderBy(rule => rule, StringComparer.Ordinal));
    }

    /// <summary>The rules of a type as a whole.</summary>
    public static string OfType(INamedTypeSymbol type) => Of(
        ValidatedMembers.Ancestry(type).SelectMany(at => at.GetAttributes()),
        type.AllInterfaces.Any(face => KnownTypes.Is(face, ValidationAttributes.Namespace, "IValidatableObject")));

    private static string Text(AttributeData rule)
    {
        IEnumerable<string> arguments = rule.ConstructorArguments.Select(Text)
            .Concat(rule.NamedArguments
                .Where(argument => !argument.Key.StartsWith("ErrorMessage", StringComparison.Ordinal))
                .Select(argument => $"{argument.Key} = {Text(argument.Value)}"));
        string name = ValidationAttributes.ShortName(rule.AttributeClass!);
        string all = string.Join(", ", arguments);
        return all.Length == 0 ? name : $"{name}({all})";
    }

    private static string Text(TypedConstant constant) => constant switch
    {
        { IsNull: true } => "null",
        { Kind: TypedConstantKind.Array } => $"[{string.Join(", ", constant.Values.Select(Text))}]",
        { Kind: TypedConstantKind.Type, Value: ITypeSymbol type } => WireTypeFacts.Name(type),
        _ => JsonText.Constant(constant.Value) ?? constant.Value!.ToString(),
    };
}
