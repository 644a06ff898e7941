using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Analyzers;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>IL2026 on validation attributes is suppressed where generated code replaces them, and nowhere else.</summary>
public sealed class LoweredAttributeTests
{
    [Fact]
    public async Task Warnings_are_suppressed_where_generated_code_checks()
    {
        const string code = """
            public record Order([MinLength(1)] List<Line> Lines, Payment? Payment);
            public record Line([property: Length(1, 9)] string Article) { [Range(typeof(decimal), "0.5", "9")] public decimal Quantity { get; init; } }
            [JsonDerivedType(typeof(Card), "card")] public abstract record Payment;
            public record Card([MaxLength(16)] string Number) : Payment;
            public record Page<T>([MaxLength(5)] T[] Items);
            public record Result([MinLength(2)] string Text);
            public class Form { [MinLength(3)] public string? Text { get; set; } [Unsafe] public int Number { get; set; } }
            public class UnsafeAttribute : ValidationAttribute;

            [AmqpRpc]
            public partial interface IOrders
            {
                Task<Result> PlaceAsync(Order order, Page<int> page, [Range(typeof(long), "1", "2")] long desk, [Unsafe] int other, CancellationToken ct);
            }
            """;
        GeneratorRun run = GeneratorTest.Generate(Compile.Of(code));
        var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), null, concurrentAnalysis: false, logAnalyzerExecutionTime: false, reportSuppressedDiagnostics: true);
        ImmutableArray<Diagnostic> diagnostics = await run.Output
            .WithAnalyzers([new TrimAnalyzer(), new LoweredAttributeSuppressor()], options)
            .GetAllDiagnosticsAsync(TestContext.Current.CancellationToken);

        ILookup<bool, string> warned = diagnostics
            .Where(diagnostic => diagnostic.Id == "IL2026")
            .OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)
            .ToLookup(diagnostic => diagnostic.IsSuppressed, diagnostic => Markup.Describe(diagnostic)["IL2026 at ".Length..]);
        Assert.Equal(
            ["'MinLength(1)'", "'Length(1, 9)'", "'Range(typeof(decimal), \"0.5\", \"9\")'", "'MaxLength(16)'", "'MaxLength(5)'", "'Range(typeof(long), \"1\", \"2\")'"],
            warned[true]);
        Assert.Equal(["'MinLength(2)'", "'MinLength(3)'", "'Unsafe'", "'Unsafe'"], warned[false]);
    }

    /// <summary>Reports every validation attribute. The SDK's analyzer reports some of them.</summary>
    [SuppressMessage("MicrosoftCodeAnalysisCorrectness", "RS1001", Justification = "It is made here, not loaded by a compiler.")]
    private sealed class TrimAnalyzer : DiagnosticAnalyzer
    {
        [SuppressMessage("MicrosoftCodeAnalysisReleaseTracking", "RS2008", Justification = "It is never released.")]
        private static readonly DiagnosticDescriptor Rule = new("IL2026", "Trimming", "Reads members by reflection", "Trimming", DiagnosticSeverity.Warning, isEnabledByDefault: true);

        public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics => [Rule];

        public override void Initialize(AnalysisContext context)
        {
            context.EnableConcurrentExecution();
            context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
            context.RegisterSyntaxNodeAction(
                static node =>
                {
                    if (((AttributeSyntax)node.Node).Name.ToString() is "MinLength" or "MaxLength" or "Length" or "Range" or "Unsafe")
                    {
                        node.ReportDiagnostic(Diagnostic.Create(Rule, node.Node.GetLocation()));
                    }
                },
                SyntaxKind.Attribute);
        }
    }
}
