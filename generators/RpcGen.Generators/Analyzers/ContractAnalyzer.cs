using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Contracts;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Analyzers;

/// <summary>Reports problems of contracts. It runs the generator's parser, which finds them.</summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class ContractAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } = ImmutableArray.Create(
        Rules.NotPartial, Rules.FileLocal, Rules.GenericContract, Rules.ReturnType, Rules.ReturnsVoid,
        Rules.ByReference, Rules.NotSerializable, Rules.UnsupportedMember, Rules.GenericMethod, Rules.DuplicateWireName,
        Rules.ManyTokens, Rules.TimeoutRange, Rules.LongTimeout, Rules.StreamForm, Rules.StreamConflict, Rules.StreamLimitRange, Rules.StreamWithoutEffect, Rules.StreamParameter, Rules.ProgressForm, Rules.QueueName, Rules.WireName, Rules.BareStyle,
        Rules.FaultNotRebuilt, Rules.FaultMemberLost, Rules.FaultMessageComposed, Rules.DuplicateFault, Rules.FaultCode,
        Rules.DeliveryConflict, Rules.AmbiguousBase, Rules.NoToken, Rules.TokenNotLast, Rules.ObjectResult,
        Rules.ValidationOnWrongType, Rules.ValidationOutOfReach,
        Rules.OneWayResult, Rules.OneWayConflict, Rules.OneWayBare, Rules.OneWayFault, Rules.PriorityRange,
        Rules.BatchingWithoutEffect, Rules.PolicyName, Rules.RunsAtCaller, Rules.BaseOutOfReach, Rules.LanguageVersion, Rules.ArgumentCase, Rules.LongRunningWithoutEffect);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();

        // The generator also refuses invalid contracts in generated files, so they need diagnostics too.
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.Analyze | GeneratedCodeAnalysisFlags.ReportDiagnostics);
        context.RegisterCompilationStartAction(static start =>
        {
            // Several contracts can use the same type or base interface. Its problems are reported once.
            var reported = new ConcurrentDictionary<(Location Location, string Message), bool>();
            start.RegisterSymbolAction(symbol => Analyze(symbol, reported), SymbolKind.NamedType);
        });
    }

    private static void Analyze(SymbolAnalysisContext context, ConcurrentDictionary<(Location Location, string Message), bool> reported)
    {
        if (context.Symbol is INamedTypeSymbol { TypeKind: TypeKind.Interface } type && RpcAttributes.IsContract(type))
        {
            ContractParser.Parse(type, context.Compilation, Report, context.CancellationToken);
        }

        void Report(Diagnostic diagnostic)
        {
            bool isAdvice = diagnostic.Severity == DiagnosticSeverity.Info && context.IsGeneratedCode;
            if (!isAdvice && reported.TryAdd((diagnostic.Location, diagnostic.GetMessage(CultureInfo.InvariantCulture)), true))
            {
                context.ReportDiagnostic(diagnostic);
            }
        }
    }
}
