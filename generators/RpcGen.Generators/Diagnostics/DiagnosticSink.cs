using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Diagnostics;

/// <summary>
/// Collects the findings of the parsers for one contract. The analyzer passes a callback that reports them. The generator passes
/// none: it only asks whether there were errors.
/// </summary>
internal sealed class DiagnosticSink(INamedTypeSymbol contract, Compilation compilation, Action<Diagnostic>? report)
{
    /// <summary>Whether an error was found, so that the contract cannot be generated.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>
    /// The sink for one member. Findings in members of a base contract of the same project are counted but not reported, because
    /// the check of that contract reports them.
    /// </summary>
    public DiagnosticSink For(ISymbol member) =>
        report is not null &&
        !SymbolEqualityComparer.Default.Equals(member.ContainingType, contract) &&
        RpcAttributes.IsContract(member.ContainingType) &&
        SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, contract.ContainingAssembly)
            ? new DiagnosticSink(contract, compilation, report: null)
            : this;

    /// <summary>Adds a finding at a symbol, or at the contract's name if the contract does not declare the symbol.</summary>
    public void Add(DiagnosticDescriptor rule, ISymbol symbol, params object[] arguments) =>
        Add(rule, IsDeclaredInContract(symbol) ? symbol.Locations.FirstOrDefault() : null, arguments);

    /// <summary>Adds a finding at an attribute, or at the contract's name if the attribute belongs to another project.</summary>
    public void Add(DiagnosticDescriptor rule, AttributeData attribute, params object[] arguments) =>
        Add(rule, report is not null && attribute.ApplicationSyntaxReference is { } syntax && compilation.ContainsSyntaxTree(syntax.SyntaxTree) ? Location.Create(syntax.SyntaxTree, syntax.Span) : null, arguments);

    /// <summary>Adds a finding at a location, or at the contract's name if the location is null.</summary>
    public void Add(DiagnosticDescriptor rule, Location? location, params object[] arguments)
    {
        HasErrors |= rule.DefaultSeverity == DiagnosticSeverity.Error;
        report?.Invoke(Diagnostic.Create(rule, location ?? contract.Locations.FirstOrDefault(), arguments));
    }

    /// <summary>Whether the contract itself declares the symbol. A finding at a base's symbol would appear once per contract.</summary>
    private bool IsDeclaredInContract(ISymbol symbol) =>
        SymbolEqualityComparer.Default.Equals(symbol, contract) ||
        SymbolEqualityComparer.Default.Equals((symbol as IParameterSymbol)?.ContainingSymbol.ContainingType ?? symbol.ContainingType, contract);
}
