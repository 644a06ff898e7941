using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using RpcGen.Generators.Emitting;
using RpcGen.Generators.Model;
using RpcGen.Generators.Parsing.Contracts;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators;

/// <summary>Generates client and server code for each <c>[AmqpRpc]</c> interface. This class only wires the pipeline.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class RpcGenerator : IIncrementalGenerator
{
    /// <summary>The names of the pipeline's steps, for tests.</summary>
    internal static class Steps
    {
        public const string Contracts = "RpcGen.Contracts";
        public const string Facts = "RpcGen.Facts";
        public const string JsonContexts = "RpcGen.JsonContexts";
        public const string AllJsonContexts = "RpcGen.AllJsonContexts";
        public const string AmbiguousNames = "RpcGen.AmbiguousNames";
        public const string Files = "RpcGen.Files";
        public const string FactsFiles = "RpcGen.FactsFiles";
    }

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        IncrementalValuesProvider<ParsedContract> parsed = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                KnownTypes.AmqpRpcAttribute,
                static (node, _) => node is InterfaceDeclarationSyntax,
                static (target, cancellationToken) => AnnotatedInterface.Parse(target, cancellationToken))
            .Where(static contract => contract is not null)
            .Select(static (contract, _) => contract!);

        IncrementalValuesProvider<ContractModel> contracts = parsed
            .Select(static (contract, _) => contract.Contract)
            .WithTrackingName(Steps.Contracts);

        IncrementalValuesProvider<FactsModel> facts = parsed
            .Where(static contract => contract.Facts is not null)
            .Select(static (contract, _) => contract.Facts!)
            .WithTrackingName(Steps.Facts);

        IncrementalValueProvider<EquatableArray<string>> jsonContexts = context.SyntaxProvider
            .ForAttributeWithMetadataName(
                KnownTypes.JsonSerializableAttribute,
                static (node, _) => node is ClassDeclarationSyntax,
                static (target, _) => JsonContextParser.Parse(target))
            .Where(static name => name is not null)
            .Select(static (name, _) => name!)
            .WithTrackingName(Steps.JsonContexts)
            .Collect()
            .Select(static (names, _) => names.Distinct().OrderBy(name => name, StringComparer.Ordinal).ToEquatableArray())
            .WithTrackingName(Steps.AllJsonContexts);

        IncrementalValueProvider<EquatableArray<string>> ambiguousNames = contracts
            .Select(static (contract, _) => contract.MetadataName)
            .Collect()
            .Select(static (names, _) => HintName.FindAmbiguous(names))
            .WithTrackingName(Steps.AmbiguousNames);

        context.RegisterSourceOutput(
            contracts.Combine(jsonContexts.Combine(ambiguousNames)).WithTrackingName(Steps.Files),
            static (output, file) => output.AddSource(HintName.Of(file.Left, file.Right.Right), ContractEmitter.Emit(file.Left, file.Right.Left)));

        context.RegisterSourceOutput(
            facts.Combine(ambiguousNames).WithTrackingName(Steps.FactsFiles),
            static (output, file) => output.AddSource(HintName.OfFacts(file.Left.Contract, file.Right), FactsEmitter.Emit(file.Left)));
    }
}
