using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Reports a class as a type argument that must be a contract, as in <c>ServeAsync(new FibonacciService())</c>. The compiler's error
/// CS0311 does not say what to write.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TypeArgumentAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of a diagnostic with the contract's name, for the code fix.</summary>
    public const string ContractProperty = "Contract";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(Rules.NotTheContract);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterSyntaxNodeAction(Analyze, SyntaxKind.InvocationExpression);
    }

    private static void Analyze(SyntaxNodeAnalysisContext context)
    {
        SimpleNameSyntax? name = ((InvocationExpressionSyntax)context.Node).Expression switch
        {
            MemberAccessExpressionSyntax access => access.Name,
            MemberBindingExpressionSyntax binding => binding.Name,
            _ => null,
        };
        if (name?.Identifier.ValueText is not ("ServeAsync" or "CreateClient" or "AddService" or "AddClient"))
        {
            return;
        }

        SymbolInfo info = context.SemanticModel.GetSymbolInfo(context.Node, context.CancellationToken);
        foreach (IMethodSymbol method in info.CandidateSymbols.Prepend(info.Symbol).OfType<IMethodSymbol>())
        {
            if (method.TypeParameters is [{ } parameter, ..] && RequiresContract(parameter) &&
                method.TypeArguments[0] is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } given &&
                Contracts(given) is [var contract, ..])
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.NotTheContract,
                    name.GetLocation(),
                    ImmutableDictionary<string, string?>.Empty.Add(ContractProperty, TypeDisplay.FullName(contract)),
                    TypeDisplay.ShortName(given),
                    name.Identifier.ValueText,
                    TypeDisplay.ShortName(contract)));
                return;
            }
        }
    }

    private static bool RequiresContract(ITypeParameterSymbol parameter) =>
        parameter.ConstraintTypes.Any(constraint => KnownTypes.Is(constraint, "RpcGen", "IRpcContract`1"));

    /// <summary>The contracts that a class implements, the most derived first.</summary>
    private static List<INamedTypeSymbol> Contracts(INamedTypeSymbol type) =>
        [.. type.AllInterfaces.Where(RpcAttributes.IsContract).OrderByDescending(contract => contract.AllInterfaces.Length)];
}
