using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Contracts;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Reports problems with JSON: types that it does not support, types without metadata if reflection is off, tuples whose values are
/// lost, and context options without effect.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class JsonMetadataAnalyzer : DiagnosticAnalyzer
{
    /// <summary>The property of a diagnostic with the type's name, for the code fix.</summary>
    public const string TypeProperty = "Type";

    private const string Json = "System.Text.Json.Serialization";

    /// <summary>Options of contexts, with the values that agree with RpcGen's own options.</summary>
    private static readonly ImmutableDictionary<string, object> Agreeing = new Dictionary<string, object>(StringComparer.Ordinal)
    {
        ["PropertyNamingPolicy"] = 1, // CamelCase
        ["DictionaryKeyPolicy"] = 0,
        ["DefaultIgnoreCondition"] = 0,
        ["NumberHandling"] = 0,
        ["UnmappedMemberHandling"] = 0,
        ["IncludeFields"] = false,
        ["IgnoreReadOnlyProperties"] = false,
        ["UseStringEnumConverter"] = false,
    }.ToImmutableDictionary();

    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        ImmutableArray.Create(Rules.MissingMetadata, Rules.ContextOptions, Rules.TupleLost, Rules.UnsupportedByJson, Rules.RefusedByJson, Rules.MemberLost, Rules.ValueChanged, Rules.DynamicType);

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.EnableConcurrentExecution();
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.RegisterCompilationStartAction(static start =>
        {
            bool isReflectionOff = IsReflectionOff(start.Options.AnalyzerConfigOptionsProvider.GlobalOptions);
            var problems = new JsonProblemReporter();
            var declared = new Lazy<Declared>(() => Declared.In(start.Compilation, start.CancellationToken));
            start.RegisterSymbolAction(
                symbol =>
                {
                    var type = (INamedTypeSymbol)symbol.Symbol;
                    if (RpcAttributes.IsContract(type))
                    {
                        ReportRoots(type, declared.Value.Covered, isReflectionOff, problems, symbol);
                    }
                    else if (IsContext(type) && declared.Value.HasContracts)
                    {
                        ReportOptions(type, symbol);
                    }
                },
                SymbolKind.NamedType);
        });
    }

    private static bool IsContext(INamedTypeSymbol type) =>
        type.TypeKind == TypeKind.Class && KnownTypes.IsOrDerives(type, Json, "JsonSerializerContext");

    private static void ReportRoots(
        INamedTypeSymbol contract, HashSet<ITypeSymbol> covered, bool isReflectionOff, JsonProblemReporter problems, SymbolAnalysisContext context)
    {
        HashSet<ITypeSymbol> known = JsonGraph.NewSet();
        foreach (JsonRoot root in JsonRoots.Of(contract, context.Compilation))
        {
            context.CancellationToken.ThrowIfCancellationRequested();
            if (isReflectionOff && IsDynamic(root.Type))
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.DynamicType, Where(root.Where, contract), root.Where.Name, contract.Name));
                continue;
            }

            ITypeSymbol type = JsonGraph.Plain(root.Type);
            if (Innermost(type) is { TypeKind: TypeKind.Error or TypeKind.Pointer or TypeKind.FunctionPointer } or { IsRefLikeType: true } || !known.Add(type))
            {
                continue;
            }

            if (FrameworkJson.Covers(type))
            {
                continue;
            }

            if (!problems.Report(type, contract, Where(root.Where, contract), context))
            {
                continue; // metadata does not help
            }

            if (!isReflectionOff && covered.Count == 0)
            {
                continue; // reflection covers all other types
            }

            bool isCovered = covered.Contains(type);
            HashSet<ITypeSymbol> reachable = JsonGraph.NewSet();
            JsonGraph.AddReachable(type, reachable);
            if ((isReflectionOff || isCovered) && reachable.FirstOrDefault(inner => inner.IsTupleType) is { } tuple)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.TupleLost, Where(root.Where, contract), TypeDisplay.ShortName(tuple), contract.Name));
            }
            else if (isReflectionOff && !isCovered)
            {
                context.ReportDiagnostic(Diagnostic.Create(
                    Rules.MissingMetadata,
                    Where(root.Where, contract),
                    ImmutableDictionary<string, string?>.Empty.Add(TypeProperty, type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat)),
                    TypeDisplay.ShortName(type),
                    contract.Name));
            }
        }
    }

    private static bool IsDynamic(ITypeSymbol type) => type switch
    {
        IDynamicTypeSymbol => true,
        IArrayTypeSymbol array => IsDynamic(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(IsDynamic),
        _ => false,
    };

    private static ITypeSymbol Innermost(ITypeSymbol type) => type is IArrayTypeSymbol array ? Innermost(array.ElementType) : type;

    private static void ReportOptions(INamedTypeSymbol type, SymbolAnalysisContext context)
    {
        if (AttributeLookup.Find(type, Json, "JsonSourceGenerationOptionsAttribute") is not { ApplicationSyntaxReference: { } syntax } options)
        {
            return;
        }

        foreach (KeyValuePair<string, TypedConstant> option in options.NamedArguments)
        {
            bool differs = option.Key == "Converters" ||
                (Agreeing.TryGetValue(option.Key, out object? agreed) && !Equals(agreed, option.Value.Value));
            if (differs)
            {
                context.ReportDiagnostic(Diagnostic.Create(Rules.ContextOptions, Location.Create(syntax.SyntaxTree, syntax.Span), option.Key, type.Name));
            }
        }
    }

    private static Location? Where(ISymbol symbol, INamedTypeSymbol contract)
    {
        INamedTypeSymbol? declaring = symbol as INamedTypeSymbol ?? symbol.ContainingType;
        return (SymbolEqualityComparer.Default.Equals(declaring, contract) ? symbol : contract).Locations.FirstOrDefault();
    }

    private static bool IsReflectionOff(AnalyzerConfigOptions options)
    {
        return Is("JsonSerializerIsReflectionEnabledByDefault", "false") ||
            (!Is("JsonSerializerIsReflectionEnabledByDefault", "true") &&
            (Is("PublishAot", "true") || Is("PublishTrimmed", "true") || Is("IsAotCompatible", "true")));

        bool Is(string property, string value) =>
            options.TryGetValue("build_property." + property, out string? actual) && string.Equals(actual, value, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Declarations that the check of each contract needs, collected once per compilation.</summary>
    private sealed record Declared(HashSet<ITypeSymbol> Covered, bool HasContracts)
    {
        public static Declared In(Compilation compilation, CancellationToken cancellationToken)
        {
            HashSet<ITypeSymbol> covered = JsonGraph.NewSet();
            bool hasContracts = false;
            foreach (INamedTypeSymbol type in SourceTypes.In(compilation, cancellationToken))
            {
                hasContracts |= RpcAttributes.IsContract(type);
                if (JsonContextParser.IsUsable(type))
                {
                    AddCovered(type, covered);
                }
            }

            return new Declared(covered, hasContracts);
        }

        private static void AddCovered(INamedTypeSymbol context, HashSet<ITypeSymbol> covered)
        {
            foreach (AttributeData attribute in context.GetAttributes())
            {
                if (KnownTypes.Is(attribute.AttributeClass, Json, "JsonSerializableAttribute") && AttributeLookup.Argument<ITypeSymbol>(attribute) is { } type)
                {
                    JsonGraph.AddReachable(type, covered);
                }
            }
        }
    }
}
