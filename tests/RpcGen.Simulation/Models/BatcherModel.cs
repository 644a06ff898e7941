using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Simulation.Scheduling;

namespace RpcGen.Simulation.Models;

/// <summary>Calls that come on two threads are sent alone or together, while replies to earlier messages come.</summary>
internal sealed class BatcherModel : Model, ICallSender
{
    private const int Calls = 3;

    private readonly SlotTable<PendingMessage> _table = new(new CallIdCipher(new SimRandom(1)));
    private readonly RequestBatcher _batcher;
    private readonly (PendingCall Call, long Generation)[] _calls;
    private readonly int[] _sent = new int[Calls];
    private readonly bool _isFirstLate;
    private int _inFlight;

    /// <param name="isFirstLate">Whether the reply to the first message comes later than the batcher waits for it.</param>
    public BatcherModel(bool isFirstLate)
    {
        _isFirstLate = isFirstLate;
        _batcher = new RequestBatcher("", this, TrySendBatch, new BatchPool(static () => null!, _table, Time), Time);
        _calls = [.. Enumerable.Range(0, Calls).Select(_ => Begin())];
    }

    public override IReadOnlyList<Action> Threads => [() => Add(0), () => { Add(1); Add(2); }];

    public override void Check()
    {
        Must(Array.TrueForAll(_sent, static count => count == 1), $"the calls were sent {string.Join(", ", _sent)} times");
        Must(_inFlight == 0 && _batcher.State == BatcherState.Idle, $"the batcher ends {_batcher.State}, with {_inFlight} messages in flight");
    }

    /// <summary>A call is sent by itself.</summary>
    public void TrySend(PendingCall call, long generation)
    {
        Count(call);
        Reply(call.BatchTicket);
    }

    private (PendingCall Call, long Generation) Begin()
    {
        var call = new PendingCall(null!, null!, _table, Time);
        return (call, call.Begin(null!, null!, batching: null));
    }

    private void Add(int number) => _batcher.Add(_calls[number].Call, _calls[number].Generation);

    private bool TrySendBatch(PendingBatch batch, string exchange)
    {
        foreach ((PendingCall call, _) in batch.Calls)
        {
            Count(call);
        }

        Reply(batch.Ticket);
        return true;
    }

    private void Count(PendingCall call) => _sent[Array.FindIndex(_calls, each => each.Call == call)]++;

    /// <summary>The reply comes, soon or too late.</summary>
    private void Reply(long ticket)
    {
        Must(ticket > 0, "a message was sent without a ticket: its reply would not be noticed");
        _inFlight++;
        var arrival = new Arrival(() =>
        {
            _inFlight--;
            _batcher.OnMessageOver(ticket);
        });
        if (_isFirstLate && ticket == 1)
        {
            Time.At(Time.Now + (2 * RequestBatcher.ReplyTimeout.Ticks), arrival);
        }
        else
        {
            ThreadPool.UnsafeQueueUserWorkItem(arrival, preferLocal: false);
        }
    }

    private sealed class Arrival(Action arrive) : IThreadPoolWorkItem
    {
        public void Execute() => arrive();
    }
}
