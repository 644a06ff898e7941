using RpcGen.Simulation.Preempting;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Models;

/// <summary>Explores all models.</summary>
internal static class ModelChecks
{
    private static readonly (string Name, Func<Model> Create)[] All =
    [
        ("endings of a call", static () => new EndingsModel()),
        ("slots", static () => new SlotsModel()),
        ("acknowledgements", static () => new AcksModel()),
        ("places", static () => new PlacesModel()),
        ("cancel", static () => new CancelModel()),
        ("deadlines", static () => new DeadlinesModel()),
        ("frames", static () => new FramesModel()),
    ];

    /// <summary>Runs each model in all orders with up to so many preemptions.</summary>
    public static void Run(Tally tally, PoolQueue pool, Watch watch, int preemptions, int most)
    {
        var exploration = new Exploration(pool, new Fibers(), watch);
        foreach ((string name, Func<Model> create) in All)
        {
            watch.Doing = $"model of {name}";
            (int executions, bool isComplete, string? violation) = exploration.Run(create, preemptions, most);
            tally.Count(violation is null, $"model of {name}: {executions} orders{(isComplete ? $", all with up to {preemptions} preemptions" : "")}{(violation is null ? "" : $": {violation}")}");
        }
    }
}
