using Mono.Cecil;

namespace RpcGen.Simulation.Bugs;

/// <summary>A bug that is planted to see whether the checks find it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Within">Within how many schedules it has to be found.</param>
/// <param name="Patch">How it changes a copy of RpcGen.dll; null for one that <see cref="Wire.Tampering"/> has.</param>
internal sealed record PlantedBug(string Name, int Within, Action<ModuleDefinition>? Patch = null)
{
    /// <summary>The first seed that is tried. 1, except for rare bugs: these start nearer to a seed that finds them.</summary>
    public ulong First { get; init; } = 1;
}
