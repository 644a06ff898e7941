using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Delivery;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>Rules for the declaration of a contract, its attributes and its members taken together.</summary>
internal static class ContractRules
{
    /// <summary>Checks what the generator needs to extend the interface at all.</summary>
    public static void CheckDeclaration(INamedTypeSymbol contract, DiagnosticSink sink, CancellationToken cancellationToken)
    {
        CheckLanguageVersion(contract, sink);
        for (INamedTypeSymbol? type = contract; type is not null; type = type.ContainingType)
        {
            if (!type.DeclaringSyntaxReferences.Any(syntax => IsPartial(syntax.GetSyntax(cancellationToken))))
            {
                sink.Add(Rules.NotPartial, type.Locations.FirstOrDefault(), type.Name, contract.Name);
            }

            if (type.IsFileLocal)
            {
                sink.Add(Rules.FileLocal, type.Locations.FirstOrDefault(), type.Name, contract.Name);
            }

            if (type.TypeParameters.Length > 0)
            {
                sink.Add(Rules.GenericContract, type.Locations.FirstOrDefault(), type.Name, contract.Name);
            }
        }
    }

    /// <summary>Checks the names of queue and exchange, and the attributes that say how requests are delivered.</summary>
    public static void CheckAttributes(INamedTypeSymbol contract, AttributeData attribute, string queue, DiagnosticSink sink)
    {
        bool hasBroadcasts = RemoteMethods.Of(contract).Any(method => RpcAttributes.Has(method.Symbol, RpcAttributes.Broadcast));
        int limit = NamingRules.QueueLimit(RpcAttributes.IsBare(attribute), hasBroadcasts);
        if (!NamingRules.IsValidQueue(queue, limit))
        {
            sink.Add(Rules.QueueName, attribute, queue, contract.Name, limit);
        }

        if (AttributeLookup.Named<string>(attribute, "Exchange") is { } exchange && !NamingRules.IsValidQueue(exchange))
        {
            sink.Add(Rules.QueueName, attribute, exchange, contract.Name, NamingRules.MaxBytes);
        }

        DeliveryRules.Check(contract, RpcAttributes.IsBare(attribute), sink);
    }

    /// <summary>Checks which members the contract has, and that its methods can be told apart.</summary>
    public static void CheckMembers(
        INamedTypeSymbol contract, List<ISymbol> abstractMembers, List<RemoteMethod> methods, AttributeData attribute, DiagnosticSink sink, CancellationToken cancellationToken)
    {
        foreach (ISymbol member in abstractMembers)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (member is not IMethodSymbol { AssociatedSymbol: not null } and not IMethodSymbol { MethodKind: MethodKind.Ordinary, IsStatic: false })
            {
                sink.For(member).Add(Rules.UnsupportedMember, member, member.Name);
            }
            else if (IsInaccessible(member, contract))
            {
                sink.Add(Rules.BaseOutOfReach, member, $"{member.ContainingType.Name}.{member.Name}", member.ContainingAssembly.Name, contract.Name);
            }
        }

        CheckImplementedMethods(contract, sink);
        CheckInheritedMethods(contract, methods, sink);
        CheckWireNames(methods, sink);
        if (RpcAttributes.IsBare(attribute) && (methods is not [var only] || only.Symbol.Parameters.Count(p => !KnownTypes.IsToken(p.Type)) != 1))
        {
            sink.Add(Rules.BareStyle, contract, contract.Name);
        }
    }

    /// <summary>Generated code uses features of C# 12.</summary>
    private static void CheckLanguageVersion(INamedTypeSymbol contract, DiagnosticSink sink)
    {
        if (contract.DeclaringSyntaxReferences is [{ SyntaxTree.Options: CSharpParseOptions { LanguageVersion: < LanguageVersion.CSharp12 } options }, ..])
        {
            sink.Add(Rules.LanguageVersion, contract, contract.Name, options.LanguageVersion.ToDisplayString());
        }
    }

    /// <summary>Whether the member is internal to another assembly that does not share its internals.</summary>
    private static bool IsInaccessible(ISymbol member, INamedTypeSymbol contract) =>
        member.DeclaredAccessibility is Accessibility.Internal or Accessibility.ProtectedAndInternal &&
        !SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, contract.ContainingAssembly) &&
        !member.ContainingAssembly.GivesAccessTo(contract.ContainingAssembly);

    /// <summary>Reports methods that a service can override, although no client's call reaches the override.</summary>
    private static void CheckImplementedMethods(INamedTypeSymbol contract, DiagnosticSink sink)
    {
        foreach (ISymbol member in contract.GetMembers())
        {
            if (member is IMethodSymbol { MethodKind: MethodKind.Ordinary, IsVirtual: true, IsStatic: false })
            {
                sink.Add(Rules.RunsAtCaller, member, member.Name);
            }
        }
    }

    private static void CheckInheritedMethods(INamedTypeSymbol contract, List<RemoteMethod> methods, DiagnosticSink sink)
    {
        for (int i = 0; i < methods.Count; i++)
        {
            IMethodSymbol method = methods[i].Symbol;
            int twin = methods.FindIndex(0, i, other => RemoteMethods.HasSameSignature(other.Symbol, method));
            if (twin >= 0)
            {
                sink.Add(Rules.AmbiguousBase, contract, contract.Name, method.Name, methods[twin].Symbol.ContainingType.Name, method.ContainingType.Name);
            }
        }
    }

    private static void CheckWireNames(List<RemoteMethod> methods, DiagnosticSink sink)
    {
        var known = new Dictionary<string, IMethodSymbol>(StringComparer.Ordinal);
        foreach (RemoteMethod remote in methods)
        {
            IMethodSymbol method = remote.Symbol;
            string name = NamingRules.Of(method);
            if (!known.TryGetValue(name, out IMethodSymbol other))
            {
                known.Add(name, method);
            }
            else if (!RemoteMethods.HasSameSignature(method, other))
            {
                sink.Add(Rules.DuplicateWireName, method, Display(method), Display(other), name);
            }
        }
    }

    private static string Display(IMethodSymbol method) => method.ToDisplayString(SymbolDisplayFormat.CSharpShortErrorMessageFormat);

    private static bool IsPartial(SyntaxNode syntax) =>
        syntax is TypeDeclarationSyntax type && type.Modifiers.Any(SyntaxKind.PartialKeyword);
}
