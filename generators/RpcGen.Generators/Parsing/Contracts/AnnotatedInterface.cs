using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>Turns an occurrence of <c>[AmqpRpc]</c> into the contract's model.</summary>
internal static class AnnotatedInterface
{
    public static ContractModel? Parse(GeneratorAttributeSyntaxContext target, CancellationToken cancellationToken) =>
        target.TargetSymbol is INamedTypeSymbol { TypeKind: TypeKind.Interface } contract && IsFirst(target, contract)
            ? ContractParser.Parse(contract, target.SemanticModel.Compilation, report: null, cancellationToken)
            : null;

    /// <summary>An interface with <c>[AmqpRpc]</c> on two of its parts is a compiler error; it must not be generated twice as well.</summary>
    private static bool IsFirst(GeneratorAttributeSyntaxContext target, INamedTypeSymbol contract) =>
        RpcAttributes.Find(contract, RpcAttributes.Contract)?.ApplicationSyntaxReference is { } first &&
        first.SyntaxTree == target.TargetNode.SyntaxTree &&
        target.TargetNode.Span.Contains(first.Span);
}
