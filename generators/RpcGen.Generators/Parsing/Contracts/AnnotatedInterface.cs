using Microsoft.CodeAnalysis;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Descriptions;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Contracts;

/// <summary>Turns an occurrence of <c>[AmqpRpc]</c> into the contract's model.</summary>
internal static class AnnotatedInterface
{
    public static ParsedContract? Parse(GeneratorAttributeSyntaxContext target, CancellationToken cancellationToken)
    {
        if (target.TargetSymbol is not INamedTypeSymbol { TypeKind: TypeKind.Interface } contract || !IsFirst(target, contract) ||
            ContractParser.Parse(contract, target.SemanticModel.Compilation, report: null, cancellationToken) is not { } model)
        {
            return null;
        }

        return new ParsedContract(model, model.Broken is null && model.Methods.Count > 0 ? Facts(contract, model, target.SemanticModel.Compilation, cancellationToken) : null);
    }

    private static FactsModel Facts(INamedTypeSymbol contract, ContractModel model, Compilation compilation, CancellationToken cancellationToken) => new(
        ContractDeclaration.Parse(contract) with { Suffix = model.Suffix },
        new ContractFacts(compilation, cancellationToken).Of(contract));

    /// <summary>An interface with <c>[AmqpRpc]</c> on two of its parts is a compiler error; it must not be generated twice as well.</summary>
    private static bool IsFirst(GeneratorAttributeSyntaxContext target, INamedTypeSymbol contract) =>
        RpcAttributes.Find(contract, RpcAttributes.Contract)?.ApplicationSyntaxReference is { } first &&
        first.SyntaxTree == target.TargetNode.SyntaxTree &&
        target.TargetNode.Span.Contains(first.Span);
}
