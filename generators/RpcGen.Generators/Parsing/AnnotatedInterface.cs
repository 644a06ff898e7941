using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;

namespace RpcGen.Generators.Parsing;

/// <summary>From the attribute that the compiler found to the contract's model.</summary>
internal static class AnnotatedInterface
{
    public static ContractModel? Parse(GeneratorAttributeSyntaxContext target, CancellationToken cancellationToken) =>
        target.TargetSymbol is INamedTypeSymbol { TypeKind: TypeKind.Interface } contract && IsFirst(target, contract)
            ? ContractParser.Parse(contract, target.SemanticModel.Compilation, report: null, cancellationToken)
            : null;

    /// <summary>An interface annotated on two of its parts is in error already; it must not be generated twice.</summary>
    private static bool IsFirst(GeneratorAttributeSyntaxContext target, INamedTypeSymbol contract) =>
        KnownTypes.Attribute(contract, "RpcGen", "AmqpRpcAttribute")?.ApplicationSyntaxReference is { } first &&
        first.SyntaxTree == target.TargetNode.SyntaxTree &&
        target.TargetNode.Span.Contains(first.Span);
}
