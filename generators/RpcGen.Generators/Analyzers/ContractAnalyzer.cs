using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Parsing;

namespace RpcGen.Generators.Analyzers;

/// <summary>Reports what is wrong with a contract: it runs the generator's parser for what that finds.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContractAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(
        Rules.NotPartial, Rules.FileLocal, Rules.GenericContract, Rules.ReturnType, Rules.ReturnsVoid,
        Rules.ByReference, Rules.NotSerializable, Rules.UnsupportedMember, Rules.GenericMethod, Rules.DuplicateWireName,
        Rules.ManyTokens, Rules.TimeoutRange, Rules.QueueName, Rules.WireName, Rules.BareStyle,
        Rules.FaultNotRebuilt, Rules.FaultMemberLost, Rules.FaultMessageComposed, Rules.DuplicateFault, Rules.FaultCode,
        Rules.DeliveryConflict, Rules.AmbiguousBase, Rules.NoToken, Rules.TokenNotLast, Rules.ObjectResult,
        Rules.ValidationOnWrongType, Rules.ValidationOutOfReach,
        Rules.OneWayResult, Rules.OneWayConflict, Rules.OneWayBare, Rules.OneWayFault, Rules.PriorityRange,
        Rules.CoalesceWithoutEffect, Rules.PolicyName, Rules.RunsAtCaller);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            // What several contracts use, a DTO or a plain base, is complained of once.
            var known = new ConcurrentDictionary<(string Id, Location Location), bool>();
            start.RegisterSymbolAction(symbol => Analyze(symbol, known), SymbolKind.NamedType);
        });
    }

    private static void Analyze(SymbolAnalysisContext context, ConcurrentDictionary<(string Id, Location Location), bool> known)
    {
        if (context.Symbol is INamedTypeSymbol { TypeKind: TypeKind.Interface } type && KnownTypes.IsContract(type))
        {
            ContractParser.Parse(type, context.Compilation, Report, context.CancellationToken);
        }

        void Report(Diagnostic diagnostic)
        {
            bool isShared = diagnostic.Id is "RPCGEN026" or "RPCGEN027";
            if (!isShared || known.TryAdd((diagnostic.Id, diagnostic.Location), true))
            {
                context.ReportDiagnostic(diagnostic);
            }
        }
    }
}
