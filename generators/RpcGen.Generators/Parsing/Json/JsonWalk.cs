using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>Finds the problems of a type and of all types that it leads to. Examines each type once. Thread-safe.</summary>
internal sealed class JsonWalk
{
    private readonly ConcurrentDictionary<ITypeSymbol, JsonTypeReport> _reports = new(SymbolEqualityComparer.Default);

    /// <summary>The problems, each with the type that has it. Types that are only written do not have problems of reading.</summary>
    public IEnumerable<(ITypeSymbol Type, JsonProblem Problem)> In(ITypeSymbol root)
    {
        HashSet<ITypeSymbol> read = JsonGraph.NewSet();
        HashSet<ITypeSymbol> written = JsonGraph.NewSet();
        var open = new Queue<JsonPart>();
        open.Enqueue(new JsonPart(root, IsRead: true));
        while (open.Count > 0)
        {
            JsonPart part = open.Dequeue();
            ITypeSymbol type = JsonGraph.Plain(part.Type);
            if (read.Contains(type) || !(part.IsRead ? read : written).Add(type))
            {
                continue;
            }

            JsonTypeReport report = _reports.GetOrAdd(type, JsonTypeRules.Of);
            foreach (JsonProblem problem in report.Problems.Where(problem => part.IsRead || Concerns(problem)))
            {
                yield return (type, problem);
            }

            foreach (JsonPart next in report.Parts)
            {
                open.Enqueue(next with { IsRead = next.IsRead && part.IsRead });
            }
        }
    }

    /// <summary>Whether the problem also concerns values that are only written.</summary>
    private static bool Concerns(JsonProblem problem) =>
        !problem.IsOnlyRead && problem.Kind is JsonProblemKind.Unsupported or JsonProblemKind.Refused;
}
