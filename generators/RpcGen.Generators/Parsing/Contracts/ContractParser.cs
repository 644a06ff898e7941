using System.Diagnostics;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Parsing.Naming;
using RpcGen.Generators.Parsing.Validation;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>
/// Turns an annotated interface into a model. The analyzer runs the same parser for its diagnostics, so that a rule that the
/// analyzer reports and a rule that stops the generator are always the same rule.
/// </summary>
internal static class ContractParser
{
    /// <summary>Parses a contract.</summary>
    /// <param name="contract">The annotated interface.</param>
    /// <param name="compilation">Its compilation.</param>
    /// <param name="report">Receives the diagnostics; null to ignore them.</param>
    /// <param name="cancellationToken">Cancels parsing.</param>
    /// <returns>
    /// The model; with <see cref="ContractModel.Broken"/> if it has errors. Null if not even a broken contract can be extended.
    /// </returns>
    public static ContractModel? Parse(INamedTypeSymbol contract, Compilation compilation, Action<Diagnostic>? report, CancellationToken cancellationToken)
    {
        var sink = new DiagnosticSink(contract, compilation, report);
        AttributeData attribute = RpcAttributes.Find(contract, RpcAttributes.Contract)!; // callers parse annotated interfaces only
        ContractRules.CheckDeclaration(contract, sink, cancellationToken);
        List<ISymbol> abstractMembers = RemoteMethods.AbstractMembers(contract);
        bool canBeExtended = !sink.HasErrors && !abstractMembers.Exists(member => member.IsStatic);

        string queue = NamingRules.QueueOf(contract, attribute);
        List<RemoteMethod> remoteMethods = RemoteMethods.Of(abstractMembers);
        ContractRules.CheckAttributes(contract, attribute, queue, sink);
        ContractRules.CheckMembers(contract, abstractMembers, remoteMethods, attribute, sink, cancellationToken);

        var faults = new FaultParser(contract, compilation, sink);
        var names = new GeneratedNames();
        var validation = new ValidationParser(contract, remoteMethods.SelectMany(method => method.Symbol.Parameters), compilation, names.Types, sink, cancellationToken);
        var methods = new List<MethodModel>();
        foreach (RemoteMethod method in remoteMethods)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (MethodParser.Parse(method, contract, faults, validation, names, sink) is { } model)
            {
                methods.Add(model);
            }
        }

        if (!canBeExtended)
        {
            return null;
        }

        ContractModel shell = ContractDeclaration.Parse(contract);
        validation.Suppressions.AddContract(contract, remoteMethods);
        string? unresolvedType = UnresolvedTypes.FirstIn(contract, remoteMethods);
        if (sink.HasErrors || unresolvedType is not null)
        {
            return shell with { Broken = new BrokenContract(unresolvedType) };
        }

        List<INamedTypeSymbol> textEnums = new TextEnums(contract, compilation).Find();
        textEnums.ForEach(validation.Suppressions.AddType);
        Debug.Assert(methods.Count == remoteMethods.Count, "Without errors, each remote method has a model.");
        return shell with
        {
            Version = Version(contract.ContainingAssembly),
            Queue = queue,
            Exchange = AttributeLookup.Named<string>(attribute, "Exchange"),
            IsBare = RpcAttributes.IsBare(attribute),
            BaseClass = AttributeLookup.Named<bool>(attribute, "GenerateBase") ? ContractDeclaration.BaseClass(contract) : null,
            JsonForms = JsonForms.Of(contract).ToEquatableArray(),
            TextEnums = textEnums.Select(TypeDisplay.FullName).ToEquatableArray(),
            FailFast = AttributeLookup.Named<bool>(attribute, "FailFast"),
            Suffix = ContractDeclaration.UnusedSuffix(contract),
            Methods = methods.ToEquatableArray(),
            Faults = faults.Faults.ToEquatableArray(),
            Validators = validation.Validators.ToEquatableArray(),
            ValidationFields = validation.Fields.ToEquatableArray(),
            Suppressions = validation.Suppressions.Ids.ToEquatableArray(), // last, because Validators adds to it
        };
    }

    /// <summary>The assembly's version; null if it has none, or if the compiler derives it from the time, as for <c>1.0.*</c>.</summary>
    private static string? Version(IAssemblySymbol assembly) =>
        AttributeLookup.Argument<string>(AttributeLookup.Find(assembly, "System.Reflection", "AssemblyVersionAttribute")) is { } version &&
        version != "0.0.0.0" &&
        !version.Contains('*')
            ? version
            : null;
}
