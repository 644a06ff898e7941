using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
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
        Rules.BatchingWithoutEffect, Rules.PolicyName, Rules.RunsAtCaller, Rules.BaseOutOfReach, Rules.LanguageVersion);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();

        // A contract that a tool has written is refused by the generator like any: that must not go unsaid.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            // What several contracts use, a DTO or a plain base, is complained of once.
            var known = new ConcurrentDictionary<(Location Location, string Message), bool>();
            start.RegisterSymbolAction(symbol => Analyze(symbol, known), SymbolKind.NamedType);
        });
    }

    private static void Analyze(SymbolAnalysisContext context, ConcurrentDictionary<(Location Location, string Message), bool> known)
    {
        if (context.Symbol is INamedTypeSymbol { TypeKind: TypeKind.Interface } type && KnownTypes.IsContract(type))
        {
            ContractParser.Parse(type, context.Compilation, Report, context.CancellationToken);
        }

        void Report(Diagnostic diagnostic)
        {
            bool isAdvice = diagnostic.Severity == DiagnosticSeverity.Info && context.IsGeneratedCode;
            if (!isAdvice && known.TryAdd((diagnostic.Location, diagnostic.GetMessage(CultureInfo.InvariantCulture)), true))
            {
                context.ReportDiagnostic(diagnostic);
            }
        }
    }
}
