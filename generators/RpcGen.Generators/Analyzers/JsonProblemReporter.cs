using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Json;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Analyzers;

/// <summary>
/// Reports the problems of types in JSON. Those of declarations in this project are reported where the declaration is, once for all
/// contracts; others where the contract names the type. Thread-safe.
/// </summary>
internal sealed class JsonProblemReporter
{
    /// <summary>The property of a diagnostic with the edit that is right, for the code fix.</summary>
    public const string EditProperty = "Edit";

    /// <summary>The property of a diagnostic with the names of the parameters of the constructor to mark.</summary>
    public const string ParametersProperty = "Parameters";

    private readonly JsonWalk _walk = new();
    private readonly ConcurrentDictionary<(Location Where, JsonProblemKind Kind), bool> _reported = new();

    /// <summary>Reports all problems of a type, but only the first for which calls fail.</summary>
    /// <param name="type">A type that the contract transmits.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="where">Where the contract names the type.</param>
    /// <param name="context">Reports diagnostics.</param>
    /// <returns>Whether JSON supports the type.</returns>
    public bool Report(ITypeSymbol type, INamedTypeSymbol contract, Location? where, SymbolAnalysisContext context)
    {
        bool isSupported = true;
        var changed = new HashSet<ITypeSymbol>(SymbolEqualityComparer.Default);
        foreach ((ITypeSymbol owner, JsonProblem problem) in _walk.In(type))
        {
            bool isFailure = problem.Kind == JsonProblemKind.Unsupported;
            if (isFailure ? isSupported : problem.Kind != JsonProblemKind.Changed || changed.Add(owner))
            {
                Report(problem, owner, contract, where, context);
            }

            isSupported &= problem.Kind is not (JsonProblemKind.Unsupported or JsonProblemKind.Refused);
        }

        return isSupported;
    }

    private void Report(JsonProblem problem, ITypeSymbol owner, INamedTypeSymbol contract, Location? where, SymbolAnalysisContext context)
    {
        bool isAtRoot = problem.Kind is JsonProblemKind.Unsupported or JsonProblemKind.Changed;
        Location? declaration = isAtRoot && problem.Edit is null ? null : problem.Where.Locations.FirstOrDefault(location => location.SourceTree is { } tree && context.Compilation.ContainsSyntaxTree(tree));
        if (declaration is not null && !_reported.TryAdd((declaration, problem.Kind), true))
        {
            return;
        }

        string name = problem.Kind == JsonProblemKind.MemberLost ? $"{TypeDisplay.ShortName(owner)}.{problem.Where.Name}" : TypeDisplay.ShortName(owner);
        context.ReportDiagnostic(Diagnostic.Create(
            RuleOf(problem.Kind),
            declaration ?? where,
            Properties(problem),
            name,
            contract.Name,
            problem.Cause));
    }

    private static ImmutableDictionary<string, string?> Properties(JsonProblem problem)
    {
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty;
        if (problem.Edit is { } edit)
        {
            properties = properties.Add(EditProperty, edit);
        }

        return problem.Constructor is { } constructor
            ? properties.Add(ParametersProperty, string.Join(",", constructor.Parameters.Select(parameter => parameter.Name)))
            : properties;
    }

    private static DiagnosticDescriptor RuleOf(JsonProblemKind kind) => kind switch
    {
        JsonProblemKind.Unsupported => Rules.UnsupportedByJson,
        JsonProblemKind.Refused => Rules.RefusedByJson,
        JsonProblemKind.MemberLost => Rules.MemberLost,
        _ => Rules.ValueChanged,
    };
}
