using Mono.Cecil;
using RpcGen.Simulation.Preempting;

namespace RpcGen.Simulation.Bugs;

/// <summary>A bug that is planted to see whether the checks find it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Within">Within how many schedules, or orders of a model, it has to be found.</param>
/// <param name="Patch">How it changes a copy of RpcGen.dll; null for one that <see cref="Wire.Tampering"/> has.</param>
internal sealed record PlantedBug(string Name, int Within, Action<ModuleDefinition>? Patch = null)
{
    /// <summary>The first seed that is tried. 1, except for rare bugs: these start nearer to a seed that finds them.</summary>
    public ulong First { get; init; } = 1;

    /// <summary>What has to find it.</summary>
    public FoundBy FoundBy { get; init; }

    /// <summary>The model that has to find it, if models have to.</summary>
    public string? Model { get; init; }

    /// <summary>Changes a copy of RpcGen.dll as the patch says, and adds the points of preemption where they are needed.</summary>
    public void Rewrite(ModuleDefinition module)
    {
        Patch!(module);
        if (FoundBy != FoundBy.Schedules)
        {
            Weaver.Weave(module);
        }
    }
}

/// <summary>The modes of the simulation.</summary>
internal enum FoundBy
{
    /// <summary>Schedules in which each work item runs whole.</summary>
    Schedules,

    /// <summary>Schedules in which threads are preempted: the bug is a race within a step.</summary>
    Preemption,

    /// <summary>Models of components, whose orders are explored one by one: the race is rare in schedules.</summary>
    Models,
}
