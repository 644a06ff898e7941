using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Parsing;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Reports a class where a contract is wanted, as in <c>ServeAsync(new FibonacciService())</c>: what the compiler says of it
/// (CS0311) does not tell what to write.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class TypeArgumentAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property by which the fix has the contract's name.</summary>
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
            if (method.TypeParameters is [{ } parameter, ..] && WantsContract(parameter) &&
                method.TypeArguments[0] is INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct } given &&
                Contracts(given) is [var contract, ..])
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.NotTheContract,
                    name.GetLocation(),
                    ImmutableDictionary<string, string?>.Empty.Add(ContractProperty, KnownTypes.FullName(contract)),
                    KnownTypes.Name(given),
                    name.Identifier.ValueText,
                    KnownTypes.Name(contract)));
                return;
            }
        }
    }

    private static bool WantsContract(ITypeParameterSymbol parameter) =>
        parameter.ConstraintTypes.Any(constraint => KnownTypes.Is(constraint, "RpcGen", "IRpcContract`1"));

    /// <summary>The contracts that a class implements, the most derived first.</summary>
    private static List<INamedTypeSymbol> Contracts(INamedTypeSymbol type) =>
        [.. type.AllInterfaces.Where(KnownTypes.IsContract).OrderByDescending(contract => contract.AllInterfaces.Length)];
}
