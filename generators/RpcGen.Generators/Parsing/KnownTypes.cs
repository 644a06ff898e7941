using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>Names of the types that mean something to the generator, and how to recognize them.</summary>
internal static class KnownTypes
{
    public const string AmqpRpcAttribute = "RpcGen.AmqpRpcAttribute";
    public const string JsonSerializableAttribute = "System.Text.Json.Serialization.JsonSerializableAttribute";

    /// <summary>How generated code names types: from the root, with keywords escaped and nullable annotations kept.</summary>
    public static SymbolDisplayFormat Format { get; } = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.UseSpecialTypes |
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers |
        SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier);

    /// <summary>How messages name types.</summary>
    public static string Name(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    /// <summary>How generated code names the type.</summary>
    public static string FullName(ITypeSymbol type) => type.ToDisplayString(Format);

    public static bool IsContract(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Interface && Attribute(type, "RpcGen", "AmqpRpcAttribute") is not null;

    /// <summary>Whether the type has this namespace and metadata name.</summary>
    public static bool Is(ITypeSymbol? type, string @namespace, string metadataName) =>
        type is INamedTypeSymbol named && IsName(named, metadataName) && type.ContainingType is null && IsNamespace(type.ContainingNamespace, @namespace);

    /// <summary>The type itself or a base of it.</summary>
    public static bool IsOrDerives(ITypeSymbol? type, string @namespace, string metadataName)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (Is(type, @namespace, metadataName))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Whether the type is the framework's: users, too, may call a namespace <c>System.…</c>, but hardly an assembly.</summary>
    public static bool IsOfFramework(ITypeSymbol type)
    {
        INamespaceSymbol? space = type.ContainingNamespace;
        while (space is { ContainingNamespace.IsGlobalNamespace: false })
        {
            space = space.ContainingNamespace;
        }

        return space?.Name == "System" &&
            type.ContainingAssembly?.Name is { } assembly &&
            (assembly is "mscorlib" or "netstandard" or "System" ||
                assembly.StartsWith("System.", StringComparison.Ordinal) ||
                assembly.StartsWith("Microsoft.", StringComparison.Ordinal));
    }

    public static bool IsToken(ITypeSymbol type) => Is(type, "System.Threading", "CancellationToken");

    public static AttributeData? Attribute(ISymbol symbol, string @namespace, string metadataName)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (Is(attribute.AttributeClass, @namespace, metadataName))
            {
                return attribute;
            }
        }

        return null;
    }

    public static bool HasRpcAttribute(ISymbol symbol, string metadataName) => Attribute(symbol, "RpcGen", metadataName) is not null;

    /// <summary>An attribute's first constructor argument, or its default where it is missing or in error.</summary>
    public static T? Argument<T>(AttributeData? attribute) =>
        attribute is { ConstructorArguments: [{ Kind: not TypedConstantKind.Array, Value: T value }, ..] } ? value : default;

    /// <summary>An attribute's named argument, or its default.</summary>
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

    /// <summary>Compares without <c>MetadataName</c>, which makes a string of every generic type that it is asked for.</summary>
    private static bool IsName(INamedTypeSymbol type, string metadataName)
    {
        string name = type.Name;
        return type.Arity == 0
            ? name == metadataName
            : metadataName.Length == name.Length + 2 &&
              metadataName[name.Length] == '`' &&
              metadataName[name.Length + 1] == '0' + type.Arity &&
              metadataName.StartsWith(name, StringComparison.Ordinal);
    }

    private static bool IsNamespace(INamespaceSymbol? symbol, string name)
    {
        int end = name.Length;
        while (symbol is { IsGlobalNamespace: false })
        {
            int start = end - symbol.Name.Length;
            if (start < 0 || string.CompareOrdinal(name, start, symbol.Name, 0, symbol.Name.Length) != 0)
            {
                return false;
            }

            if (start == 0)
            {
                return symbol.ContainingNamespace is { IsGlobalNamespace: true };
            }

            end = start - 1;
            if (name[end] != '.')
            {
                return false;
            }

            symbol = symbol.ContainingNamespace;
        }

        return false;
    }
}
