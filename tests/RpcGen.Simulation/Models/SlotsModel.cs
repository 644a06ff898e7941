using RpcGen.Client.Calls;
using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>A look-up in a table that grows, and whose slots pass from one object to another.</summary>
internal sealed class SlotsModel : Model
{
    private readonly SlotTable<string> _table = new(new CallIdCipher(new SimRandom(1)));
    private readonly CorrelationId _id;
    private readonly int _other;

    public SlotsModel()
    {
        (int slot, long generation) = _table.Add("kept");
        _id = _table.IdOf(slot, generation);
        for (int number = 1; number < 63; number++)
        {
            _table.Add($"{number}");
        }

        (_other, _) = _table.Add("other");
    }

    public override IReadOnlyList<Action> Threads =>
    [
        () => Must(_table.TryFind(_id, out string found, out _) && found == "kept", "an object in the table is not found"),
        () => _table.Remove(_other, generation: 5),
        () =>
        {
            _table.Add("new");
            _table.Add("newer");
        },
    ];

    public override void Check()
    {
        string[] all = [.. _table.Snapshot()];
        Must(all.Length == 65 && all.Distinct().Count() == 65, $"{all.Length} objects are in the table");
    }
}
