using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Parsing;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Silences IL2026, by which the compiler says that a validation attribute reads members by reflection, where generated
/// code does what the attribute says: on parameters of remote methods and on members of types that these lead to.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class LoweredAttributeSuppressor : DiagnosticSuppressor
{
    private static readonly SuppressionDescriptor Lowered = new(
        "RPCGENS01", "IL2026", "RpcGen checks what the attribute says by generated code, without reflection.");

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
                attribute.FirstAncestorOrSelf<TypeDeclarationSyntax>() is { } around)
            {
                checkedTypes ??= CheckedTypes(context.Compilation, context.CancellationToken);
                if (model.GetDeclaredSymbol(around, context.CancellationToken) is ITypeSymbol owner && checkedTypes.Contains(owner))
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
        foreach (INamedTypeSymbol contract in DeclaredTypes.In(compilation, cancellationToken).Where(KnownTypes.IsContract))
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
