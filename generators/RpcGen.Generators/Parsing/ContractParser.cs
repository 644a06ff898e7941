using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Validation;

namespace RpcGen.Generators.Parsing;

/// <summary>
/// Turns an annotated interface into a model. The analyzer runs it too, for what it finds on the way: so a rule that is
/// reported and a rule that keeps a contract from being generated can't drift apart.
/// </summary>
internal static class ContractParser
{
    /// <returns>Null where even a half that does nothing can't be added.</returns>
    public static ContractModel? Parse(INamedTypeSymbol contract, Compilation compilation, Action<Diagnostic>? report, CancellationToken cancellationToken)
    {
        var violations = new Violations(contract, compilation, report);
        AttributeData attribute = KnownTypes.Attribute(contract, "RpcGen", "AmqpRpcAttribute")!;
        ContractRules.CheckDeclaration(contract, violations, cancellationToken);
        List<ISymbol> abstractMembers = RemoteMethods.AbstractMembers(contract);
        bool canBeExtended = !violations.HasErrors && !abstractMembers.Exists(member => member.IsStatic);

        string queue = KnownTypes.Argument<string>(attribute) ?? Identity.Queue(contract);
        List<RemoteMethod> remoteMethods = RemoteMethods.Of(abstractMembers);
        ContractRules.CheckAttributes(contract, attribute, queue, violations);
        ContractRules.CheckMembers(contract, abstractMembers, remoteMethods, attribute, violations, cancellationToken);

        var faults = new FaultParser(contract, compilation, violations);
        var names = new MethodNames();
        var validation = new ValidationParser(contract, remoteMethods, compilation, names.Types, violations, cancellationToken);
        var methods = new List<MethodModel>();
        foreach (RemoteMethod method in remoteMethods)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (MethodParser.Parse(method, contract, faults, validation, names, violations) is { } model)
            {
                methods.Add(model);
            }
        }

        if (!canBeExtended)
        {
            return null;
        }

        var shell = new ContractModel
        {
            MetadataName = MetadataName(contract),
            FullName = KnownTypes.FullName(contract),
            Namespace = contract.ContainingNamespace is { IsGlobalNamespace: false } space ? space.ToDisplayString(NamespaceFormat) : null,
            ContainingTypes = ContainingTypes(contract).ToEquatableArray(),
            Name = CSharpText.Identifier(contract.Name),
        };
        validation.Discouraged.AddContract(contract, remoteMethods);
        string? unknownType = UnknownTypes.FirstIn(contract, remoteMethods);
        return violations.HasErrors || unknownType is not null
            ? shell with { Broken = new BrokenContract(unknownType) }
            : shell with
            {
                Version = Version(contract.ContainingAssembly),
                Queue = queue,
                IsBare = ContractRules.IsBare(attribute),
                FailFast = KnownTypes.Named<bool>(attribute, "FailFast"),
                Suffix = Suffix(contract),
                Methods = methods.ToEquatableArray(),
                Faults = faults.Faults.ToEquatableArray(),
                Validators = validation.Validators.ToEquatableArray(),
                ValidationFields = validation.Fields.ToEquatableArray(),
                Suppressions = validation.Discouraged.Ids.ToEquatableArray(), // last, for the validators add to it
            };
    }

    /// <summary>With which no nested type of the user's has the name of a generated one; those of bases would be hidden.</summary>
    private static string Suffix(INamedTypeSymbol contract)
    {
        string suffix = "";
        for (int number = 2; contract.AllInterfaces.Prepend(contract).Any(HasName); number++)
        {
            suffix = number.ToString(System.Globalization.CultureInfo.InvariantCulture);
        }

        return suffix;

        bool HasName(INamedTypeSymbol type) =>
            type.GetMembers("__RpcClient" + suffix).Concat(type.GetMembers("__RpcMethods" + suffix)).Any(member =>
                member.DeclaredAccessibility != Accessibility.Private || SymbolEqualityComparer.Default.Equals(type, contract));
    }

    /// <summary>Null for none, and for one that the compiler takes from the clock, as <c>1.0.*</c> tells it to.</summary>
    private static string? Version(IAssemblySymbol assembly) =>
        KnownTypes.Argument<string>(KnownTypes.Attribute(assembly, "System.Reflection", "AssemblyVersionAttribute")) is { } version &&
        version != "0.0.0.0" &&
        !version.Contains('*')
            ? version
            : null;

    private static readonly SymbolDisplayFormat NamespaceFormat =
        KnownTypes.Format.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted);

    private static string MetadataName(INamedTypeSymbol contract)
    {
        string name = contract.MetadataName;
        for (INamedTypeSymbol? type = contract.ContainingType; type is not null; type = type.ContainingType)
        {
            name = type.MetadataName + "." + name;
        }

        return contract.ContainingNamespace is { IsGlobalNamespace: false } space ? Identity.Dotted(space) + "." + name : name;
    }

    private static Stack<string> ContainingTypes(INamedTypeSymbol contract)
    {
        var headers = new Stack<string>();
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
            headers.Push($"partial {kind} {CSharpText.Identifier(type.Name)}");
        }

        return headers;
    }
}
