using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes types by their names.</summary>
internal static class KnownTypes
{
    public const string AmqpRpcAttribute = RpcAttributes.Namespace + "." + RpcAttributes.Contract;
    public const string JsonSerializableAttribute = "System.Text.Json.Serialization.JsonSerializableAttribute";

    /// <summary>Whether the type has the given namespace and metadata name, and is not nested.</summary>
    public static bool Is(ITypeSymbol? type, string @namespace, string metadataName) =>
        type is INamedTypeSymbol named && HasMetadataName(named, metadataName) && type.ContainingType is null && IsNamespace(type.ContainingNamespace, @namespace);

    /// <summary>Whether the type or one of its base types has the given namespace and metadata name.</summary>
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

    /// <summary>
    /// Whether the type belongs to .NET itself. Its assembly is checked too, because applications can also declare namespaces
    /// below <c>System</c>.
    /// </summary>
    public static bool IsOfFramework(ITypeSymbol type)
    {
        INamespaceSymbol? outermost = type.ContainingNamespace;
        while (outermost is { ContainingNamespace.IsGlobalNamespace: false })
        {
            outermost = outermost.ContainingNamespace;
        }

        return outermost?.Name == "System" &&
            type.ContainingAssembly?.Name is { } assembly &&
            (assembly is "mscorlib" or "netstandard" or "System" ||
                assembly.StartsWith("System.", StringComparison.Ordinal) ||
                assembly.StartsWith("Microsoft.", StringComparison.Ordinal));
    }

    /// <summary>Whether the type is <see cref="CancellationToken"/>.</summary>
    public static bool IsToken(ITypeSymbol type) => Is(type, "System.Threading", "CancellationToken");

    /// <summary>Avoids <see cref="ISymbol.MetadataName"/>, which allocates a string for each generic type.</summary>
    private static bool HasMetadataName(INamedTypeSymbol type, string metadataName)
    {
        string name = type.Name;
        return type.Arity == 0
            ? name == metadataName
            : metadataName.Length == name.Length + 2 &&
              metadataName[name.Length] == '`' &&
              metadataName[name.Length + 1] == '0' + type.Arity &&
              metadataName.StartsWith(name, StringComparison.Ordinal);
    }

    /// <summary>Compares part by part from the end, without building the namespace's full name.</summary>
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
