using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>Reads what generated code needs to declare its part of a contract: names, namespace, containing types.</summary>
internal static class ContractDeclaration
{
    /// <summary>A model with only the declaration filled in.</summary>
    public static ContractModel Parse(INamedTypeSymbol contract) => new()
    {
        MetadataName = MetadataName(contract),
        FullName = TypeDisplay.FullName(contract),
        Namespace = contract.ContainingNamespace is { IsGlobalNamespace: false } space ? TypeDisplay.NamespaceInCode(space) : null,
        ContainingTypes = ContainingTypes(contract).ToEquatableArray(),
        Name = Identifiers.Escape(contract.Name),
    };

    /// <summary>
    /// A suffix for the names of the generated nested types, so that they differ from the user's own nested types. Names of types
    /// in base interfaces are avoided too, because the generated types would hide them.
    /// </summary>
    public static string UnusedSuffix(INamedTypeSymbol contract)
    {
        string suffix = "";
        for (int number = 2; contract.AllInterfaces.Prepend(contract).Any(HasName); number++)
        {
            suffix = number.ToString(CultureInfo.InvariantCulture);
        }

        return suffix;

        bool HasName(INamedTypeSymbol type) =>
            type.GetMembers("__RpcClient" + suffix).Concat(type.GetMembers("__RpcMethods" + suffix)).Concat(type.GetMembers("__RpcFacts" + suffix)).Any(member =>
                member.DeclaredAccessibility != Accessibility.Private || SymbolEqualityComparer.Default.Equals(type, contract));
    }

    /// <summary>The declaration of the contract's base class. It is as accessible as the contract, and named after it.</summary>
    public static string BaseClass(INamedTypeSymbol contract) =>
        $"{SyntaxFacts.GetText(contract.DeclaredAccessibility)} abstract class {NamingRules.WithoutPrefix(contract.Name)}Base";

    private static string MetadataName(INamedTypeSymbol contract)
    {
        string name = contract.MetadataName;
        for (INamedTypeSymbol? type = contract.ContainingType; type is not null; type = type.ContainingType)
        {
            name = type.MetadataName + "." + name;
        }

        return contract.ContainingNamespace is { IsGlobalNamespace: false } space ? TypeDisplay.Namespace(space) + "." + name : name;
    }

    /// <summary>The declarations of the containing types, outermost first.</summary>
    private static Stack<string> ContainingTypes(INamedTypeSymbol contract)
    {
        var declarations = new Stack<string>();
        for (INamedTypeSymbol? type = contract.ContainingType; type is not null; type = type.ContainingType)
        {
            string kind = type switch
            {
                { TypeKind: TypeKind.Interface } => "interface",
                { IsRecord: true, TypeKind: TypeKind.Struct } => "record struct",
                { IsRecord: true } => "record",
                { TypeKind: TypeKind.Struct } => "struct",
                _ => "class",
            };
            declarations.Push($"partial {kind} {Identifiers.Escape(type.Name)}");
        }

        return declarations;
    }
}
