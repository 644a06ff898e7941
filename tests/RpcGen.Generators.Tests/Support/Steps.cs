using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Inspects the named steps of a pipeline run.</summary>
internal static class Steps
{
    private static readonly string[] Names =
        [RpcGenerator.Steps.Contracts, RpcGenerator.Steps.JsonContexts, RpcGenerator.Steps.AllJsonContexts, RpcGenerator.Steps.AmbiguousNames, RpcGenerator.Steps.Files, RpcGenerator.Steps.Facts, RpcGenerator.Steps.FactsFiles];

    /// <summary>Asserts that all steps used the cache.</summary>
    public static void AssertCached(GeneratorRunResult result)
    {
        foreach (string name in Names)
        {
            Assert.All(Reasons(result, name), reason => Assert.True(IsCached(reason), $"{name}: {reason}"));
        }

        Assert.All(
            result.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason));
    }

    /// <summary>The reasons of a step's outputs; empty if the step did not run.</summary>
    public static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string name) =>
        result.TrackedSteps.TryGetValue(name, out var steps)
            ? steps.SelectMany(step => step.Outputs).Select(output => output.Reason)
            : [];

    public static bool IsCached(IncrementalStepRunReason reason) =>
        reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged;
}
