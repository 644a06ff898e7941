using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>
/// Takes what rules find. The analyzer reports it; the generator only wants to know whether there was an error.
/// </summary>
internal sealed class Violations(INamedTypeSymbol contract, Compilation compilation, Action<Diagnostic>? report)
{
    /// <summary>Whether something was found that can't be generated.</summary>
    public bool HasErrors { get; private set; }

    /// <summary>The violations of one member: not reported where a base contract's own check reports them.</summary>
    public Violations For(ISymbol member) =>
        report is not null &&
        !SymbolEqualityComparer.Default.Equals(member.ContainingType, contract) &&
        KnownTypes.IsContract(member.ContainingType) &&
        SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, contract.ContainingAssembly)
            ? new Violations(contract, compilation, report: null)
            : this;

    /// <summary>Notes a violation at a symbol of the contract; at the contract's name where the symbol is declared elsewhere.</summary>
    public void Add(DiagnosticDescriptor rule, ISymbol symbol, params object[] arguments) =>
        Add(rule, IsDeclaredInContract(symbol) ? symbol.Locations.FirstOrDefault() : null, arguments);

    /// <summary>Notes a violation in an attribute; at the contract's name where the attribute is part of another project.</summary>
    public void Add(DiagnosticDescriptor rule, AttributeData attribute, params object[] arguments) =>
        Add(rule, report is not null && attribute.ApplicationSyntaxReference is { } syntax && compilation.ContainsSyntaxTree(syntax.SyntaxTree) ? Location.Create(syntax.SyntaxTree, syntax.Span) : null, arguments);

    public void Add(DiagnosticDescriptor rule, Location? location, params object[] arguments)
    {
        HasErrors |= rule.DefaultSeverity == DiagnosticSeverity.Error;
        report?.Invoke(Diagnostic.Create(rule, location ?? contract.Locations.FirstOrDefault(), arguments));
    }

    /// <summary>Whether the symbol is part of the contract itself rather than of a base, where it would be reported once per contract.</summary>
    private bool IsDeclaredInContract(ISymbol symbol) =>
        SymbolEqualityComparer.Default.Equals(symbol, contract) ||
        SymbolEqualityComparer.Default.Equals((symbol as IParameterSymbol)?.ContainingSymbol.ContainingType ?? symbol.ContainingType, contract);
}
