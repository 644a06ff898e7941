using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Evolution;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Compares contracts with their records in <c>RpcContracts.Shipped.txt</c> and <c>RpcContracts.Unshipped.txt</c>. Does nothing in
/// projects without these files.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class EvolutionAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of a diagnostic with the line that the code fix adds.</summary>
    public const string LineProperty = "Line";

    private const string Shipped = "RpcContracts.Shipped.txt";
    private const string Unshipped = "RpcContracts.Unshipped.txt";

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Rules.ShippedChanged, Rules.NotRecorded, Rules.ShippedGone);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            List<RecordedLine> recorded =
            [
                .. start.Options.AdditionalFiles
                    .Select(file => (File: file, Name: Path.GetFileName(file.Path)))
                    .Where(file => file.Name is Shipped or Unshipped)
                    .SelectMany(file => RecordedLine.In(file.File, file.Name == Shipped, start.CancellationToken)),
            ];
            if (!start.Options.AdditionalFiles.Any(file => Path.GetFileName(file.Path) is Shipped or Unshipped))
            {
                return;
            }

            ILookup<string, RecordedLine> known = recorded.ToLookup(line => line.Key, StringComparer.Ordinal);
            var found = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
            start.RegisterSymbolAction(symbol => Compare(symbol, known, found), SymbolKind.NamedType);
            start.RegisterCompilationEndAction(end =>
            {
                foreach (RecordedLine line in recorded.Where(line => !found.ContainsKey(line.Key)))
                {
                    string remedy = WireChange.BreaksWhenRemoved(line.Key, line.Value) is { } who ? who + " break, so restore it, or remove the line" : "nobody breaks, so remove the line";
                    end.ReportDiagnostic(Diagnostic.Create(Rules.ShippedGone, line.Location, WireWords.OfMissing(line.Key, line.Value), remedy));
                }
            });
        });
    }

    private static void Compare(SymbolAnalysisContext context, ILookup<string, RecordedLine> known, ConcurrentDictionary<string, bool> found)
    {
        if (context.Symbol is not INamedTypeSymbol contract || !RpcAttributes.IsContract(contract))
        {
            return;
        }

        foreach (WireFact fact in WireFacts.Of(contract, context.Compilation, context.CancellationToken))
        {
            if (!found.TryAdd(fact.Key, true) || known[fact.Key].Any(line => line.Value == fact.Value))
            {
                continue;
            }

            Location? where = fact.Where.Locations.FirstOrDefault(location => location.SourceTree is { } tree && context.Compilation.ContainsSyntaxTree(tree)) ??
                contract.Locations.FirstOrDefault();
            ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty.Add(LineProperty, fact.Line);
            RecordedLine? shipped = known[fact.Key].FirstOrDefault(line => line.IsShipped);
            if (shipped is not null && WireChange.Breaks(fact, shipped.Value) is { } peers)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.ShippedChanged, where, WireWords.OfChange(fact.Key, shipped.Value, fact.Value), peers));
            }
            else if (shipped is null && fact is { BreaksWhenAdded: { } others, Owner: { } owner } && known[owner].Any(line => line.IsShipped))
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.ShippedChanged, where, properties, WireWords.OfNew(fact.Key, fact.Value), others));
            }
            else
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.NotRecorded, where, properties, fact.Line));
            }
        }
    }

    /// <summary>A line in one of the files.</summary>
    private sealed record RecordedLine(string Key, string Value, bool IsShipped, Location Location)
    {
        public static IEnumerable<RecordedLine> In(AdditionalText file, bool isShipped, CancellationToken cancellationToken)
        {
            if (file.GetText(cancellationToken) is not { } text)
            {
                yield break;
            }

            foreach (TextLine line in text.Lines)
            {
                if (WireFact.Parse(line.ToString()) is { } fact)
                {
                    yield return new RecordedLine(fact.Key, fact.Value, isShipped, Location.Create(file.Path, line.Span, text.Lines.GetLinePositionSpan(line.Span)));
                }
            }
        }
    }
}
