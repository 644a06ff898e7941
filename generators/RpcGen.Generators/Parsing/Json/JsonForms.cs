using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Reads <c>[RpcJson]</c>: how the JSON of a contract differs from the default.</summary>
internal static class JsonForms
{
    public const string EnumsAsText = "EnumsAsText";
    public const string CaseInsensitiveArguments = "CaseInsensitiveArguments";

    /// <summary>The options that are set, in ordinal order. The contract's attribute replaces the assembly's.</summary>
    public static IReadOnlyList<string> Of(INamedTypeSymbol contract) =>
        (RpcAttributes.Find(contract, RpcAttributes.Json) ?? RpcAttributes.Find(contract.ContainingAssembly, RpcAttributes.Json)) is { } attribute
            ? [.. attribute.NamedArguments.Where(argument => argument.Value.Value is true).Select(argument => argument.Key).OrderBy(name => name, StringComparer.Ordinal)]
            : [];

    /// <summary>Whether the contract says that enums are sent by their names.</summary>
    public static bool HasTextEnums(INamedTypeSymbol contract) => Of(contract).Contains(EnumsAsText);
}
