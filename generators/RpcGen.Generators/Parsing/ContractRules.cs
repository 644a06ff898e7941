using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RpcGen.Generators.Parsing;

/// <summary>Rules for a contract as a whole.</summary>
internal static class ContractRules
{
    /// <summary>What keeps the generator from adding anything to the interface.</summary>
    public static void CheckDeclaration(INamedTypeSymbol contract, Violations violations, CancellationToken cancellationToken)
    {
        CheckLanguage(contract, violations);
        for (INamedTypeSymbol? type = contract; type is not null; type = type.ContainingType)
        {
            if (!type.DeclaringSyntaxReferences.Any(syntax => IsPartial(syntax.GetSyntax(cancellationToken))))
            {
                violations.Add(Rules.NotPartial, type.Locations.FirstOrDefault(), type.Name, contract.Name);
            }

            if (type.IsFileLocal)
            {
                violations.Add(Rules.FileLocal, type.Locations.FirstOrDefault(), type.Name, contract.Name);
            }

            if (type.TypeParameters.Length > 0)
            {
                violations.Add(Rules.GenericContract, type.Locations.FirstOrDefault(), type.Name, contract.Name);
            }
        }
    }

    /// <summary>What the generated half is written in.</summary>
    private static void CheckLanguage(INamedTypeSymbol contract, Violations violations)
    {
        if (contract.DeclaringSyntaxReferences is [{ SyntaxTree.Options: CSharpParseOptions { LanguageVersion: < LanguageVersion.CSharp12 } options }, ..])
        {
            violations.Add(Rules.LanguageVersion, contract, contract.Name, options.LanguageVersion.ToDisplayString());
        }
    }

    /// <summary>Queue, time limit and delivery.</summary>
    public static void CheckAttributes(INamedTypeSymbol contract, AttributeData attribute, string queue, Violations violations)
    {
        if (!Identity.IsQueue(queue))
        {
            violations.Add(Rules.QueueName, attribute, queue, contract.Name);
        }

        CheckTimeout(contract, violations);
        DeliveryRules.Check(contract, IsBare(attribute), violations);
    }

    public static void CheckTimeout(ISymbol symbol, Violations violations)
    {
        if (KnownTypes.Attribute(symbol, "RpcGen", "RpcTimeoutAttribute") is { ConstructorArguments: [{ Value: int milliseconds }] } timeout && milliseconds < 1)
        {
            violations.Add(Rules.TimeoutRange, timeout, milliseconds);
        }
    }

    /// <summary>The members taken together.</summary>
    public static void CheckMembers(
        INamedTypeSymbol contract, List<ISymbol> abstractMembers, List<RemoteMethod> methods, AttributeData attribute, Violations violations, CancellationToken cancellationToken)
    {
        foreach (ISymbol member in abstractMembers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (member is not IMethodSymbol { AssociatedSymbol: not null } and not IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false })
            {
                violations.For(member).Add(Rules.UnsupportedMember, member, member.Name);
            }
            else if (IsOutOfReach(member, contract))
            {
                violations.Add(Rules.BaseOutOfReach, member, $"{member.ContainingType.Name}.{member.Name}", member.ContainingAssembly.Name, contract.Name);
            }
        }

        CheckImplementations(contract, violations);
        CheckBases(contract, methods, violations);
        CheckWireNames(methods, violations);
        if (IsBare(attribute) && (methods is not [var only] || only.Symbol.Parameters.Count(p => !KnownTypes.IsToken(p.Type)) != 1))
        {
            violations.Add(Rules.BareStyle, contract, contract.Name);
        }
    }

    public static bool IsBare(AttributeData attribute) => KnownTypes.Named<int>(attribute, "BodyStyle") == 1;

    /// <summary>Whether another assembly keeps a member to itself.</summary>
    private static bool IsOutOfReach(ISymbol member, INamedTypeSymbol contract) =>
        member.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedAndInternal &&
        !SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, contract.ContainingAssembly) &&
        !member.ContainingAssembly.GivesAccessTo(contract.ContainingAssembly);

    /// <summary>What a service can implement, though no call of a client gets there.</summary>
    private static void CheckImplementations(INamedTypeSymbol contract, Violations violations)
    {
        foreach (ISymbol member in contract.GetMembers())
        {
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsVirtual: true, IsStatic: false })
            {
                violations.Add(Rules.RunsAtCaller, member, member.Name);
            }
        }
    }

    private static void CheckBases(INamedTypeSymbol contract, List<RemoteMethod> methods, Violations violations)
    {
        for (int i = 0; i < methods.Count; i++)
        {
            IMethodSymbol method = methods[i].Symbol;
            int twin = methods.FindIndex(0, i, other => RemoteMethods.HasSameSignature(other.Symbol, method));
            if (twin >= 0)
            {
                violations.Add(Rules.AmbiguousBase, contract, contract.Name, method.Name, methods[twin].Symbol.ContainingType.Name, method.ContainingType.Name);
            }
        }
    }

    private static void CheckWireNames(List<RemoteMethod> methods, Violations violations)
    {
        var known = new Dictionary<string, IMethodSymbol>(StringComparer.Ordinal);
        foreach (RemoteMethod remote in methods)
        {
            IMethodSymbol method = remote.Symbol;
            string name = MethodParser.WireName(method);
            if (!known.TryGetValue(name, out IMethodSymbol other))
            {
                known.Add(name, method);
            }
            else if (!RemoteMethods.HasSameSignature(method, other))
            {
                violations.Add(Rules.DuplicateWireName, method, Display(method), Display(other), name);
            }
        }
    }

    private static string Display(IMethodSymbol method) => method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    private static bool IsPartial(SyntaxNode syntax) =>
        syntax is TypeDeclarationSyntax type && type.Modifiers.Any(SyntaxKind.PartialKeyword);
}
