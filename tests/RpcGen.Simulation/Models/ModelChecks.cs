using RpcGen.Simulation.Preempting;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Models;

/// <summary>Explores models.</summary>
/// <param name="pool">The thread pool's queue.</param>
/// <param name="watch">What the main thread watches.</param>
/// <param name="preemptions">The most preemptions in an order.</param>
/// <param name="most">The most orders of a model.</param>
internal sealed class ModelChecks(PoolQueue pool, Watch watch, int preemptions, int most)
{
    private static readonly (string Name, Func<Model> Create)[] All =
    [
        ("endings", static () => new EndingsModel()),
        ("slots", static () => new SlotsModel()),
        ("acks", static () => new AcksModel()),
        ("places", static () => new PlacesModel()),
        ("cancel", static () => new CancelModel()),
        ("deadlines", static () => new DeadlinesModel()),
        ("frames", static () => new FramesModel()),
        ("replies", static () => new RepliesModel()),
        ("batcher", static () => new BatcherModel(isFirstLate: false)),
        ("late-replies", static () => new BatcherModel(isFirstLate: true)),
        ("supervisor", static () => new SupervisorModel()),
    ];

    /// <summary>Runs a model, or all of them.</summary>
    public void Run(Tally tally, string name)
    {
        var exploration = new Exploration(pool, new Fibers(), watch);
        (string Name, Func<Model> Create)[] chosen = name == Options.AllModels ? All : [.. All.Where(model => model.Name == name)];
        tally.Count(chosen.Length > 0, $"models: {string.Join(", ", All.Select(static model => model.Name))}");
        foreach ((string each, Func<Model> create) in chosen)
        {
            watch.Doing = $"model {each}";
            (int orders, bool isComplete, string? violation) = exploration.Run(create, preemptions, most);
            tally.Count(violation is null, $"model {each}: {orders} orders{(isComplete ? $", all with up to {preemptions} preemptions" : "")}{(violation is null ? "" : $": {violation}")}");
        }
    }
}
