using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Finds attributes on symbols and reads their arguments.</summary>
internal static class AttributeLookup
{
    /// <summary>The symbol's first attribute of the given type; null if it has none.</summary>
    public static AttributeData? Find(ISymbol symbol, string @namespace, string metadataName)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (KnownTypes.Is(attribute.AttributeClass, @namespace, metadataName))
            {
                return attribute;
            }
        }

        return null;
    }

    /// <summary>The attribute's first constructor argument; the type's default if the argument is missing or invalid.</summary>
    public static T? Argument<T>(AttributeData? attribute) =>
        attribute is { ConstructorArguments: [{ Kind: not TypedConstantKind.Array, Value: T value }, ..] } ? value : default;

    /// <summary>The attribute's named argument; the type's default if the argument is missing or invalid.</summary>
    public static T? Named<T>(AttributeData attribute, string name)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            if (argument.Key == name && argument.Value is { Kind: not TypedConstantKind.Array, Value: T value })
            {
                return value;
            }
        }

        return default;
    }
}
