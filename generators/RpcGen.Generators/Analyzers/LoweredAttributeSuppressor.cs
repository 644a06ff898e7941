using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Parsing.Methods;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Suppresses IL2026, the warning that a validation attribute uses reflection, where generated code replaces the attribute: on
/// parameters of remote methods, and on members of the types that these lead to.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LoweredAttributeSuppressor : DiagnosticSuppressor
{
    private static readonly SuppressionDescriptor Lowered = new(
        "RPCGENS01", "IL2026", "RpcGen replaces the attribute with generated code that does not use reflection.");

    /// <inheritdoc/>
    public override ImmutableArray<SuppressionDescriptor> SupportedSuppressions { get; } = ImmutableArray.Create(Lowered);

    /// <inheritdoc/>
    public override void ReportSuppressions(SuppressionAnalysisContext context)
    {
        HashSet<ITypeSymbol>? checkedTypes = null;
        foreach (Diagnostic diagnostic in context.ReportedDiagnostics)
        {
            if (diagnostic.Location.SourceTree is not { } tree ||
                tree.GetRoot(context.CancellationToken).FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true)
                    .FirstAncestorOrSelf<AttributeSyntax>() is not { } attribute)
            {
                continue;
            }

            SemanticModel model = context.GetSemanticModel(tree);
            if (model.GetSymbolInfo(attribute, context.CancellationToken).Symbol?.ContainingType is { } type && IsLowered(type) &&
                attribute.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } containing)
            {
                checkedTypes ??= CheckedTypes(context.Compilation, context.CancellationToken);
                if (model.GetDeclaredSymbol(containing, context.CancellationToken) is ITypeSymbol owner && checkedTypes.Contains(owner))
                {
                    context.ReportSuppression(Suppression.Create(Lowered, diagnostic));
                }
            }
        }
    }

    private static bool IsLowered(INamedTypeSymbol attribute) =>
        attribute.MetadataName is "MinLengthAttribute" or "MaxLengthAttribute" or "LengthAttribute" or "CompareAttribute" or "RangeAttribute" &&
        KnownTypes.Is(attribute, "System.ComponentModel.DataAnnotations", attribute.MetadataName);

    /// <summary>The project's contracts, and the types that their parameters lead to.</summary>
    private static HashSet<ITypeSymbol> CheckedTypes(Compilation compilation, CancellationToken cancellationToken)
    {
        HashSet<ITypeSymbol> types = JsonGraph.NewSet();
        foreach (INamedTypeSymbol contract in SourceTypes.In(compilation, cancellationToken).Where(RpcAttributes.IsContract))
        {
            types.Add(contract);
            foreach (IParameterSymbol parameter in RemoteMethods.Of(contract).SelectMany(method => method.Symbol.Parameters))
            {
                types.Add(parameter.ContainingType);
                JsonGraph.AddReachable(parameter.Type, types);
            }
        }

        types.UnionWith(types.Select(type => type.OriginalDefinition).ToList());
        return types;
    }
}
