using RpcGen.Server.Acknowledging;
using RpcGen.Server.Running;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>Calls that arrive, run on one place and end, each on another thread, while a caller cancels one that runs.</summary>
internal sealed class PlacesModel : Model, ICallRunner
{
    private const int Calls = 3;

    private readonly CallScheduler _scheduler;
    private readonly List<string> _ran = [];
    private int _running;

    public PlacesModel() => _scheduler = new CallScheduler(this, new EarliestDeadline(Time, static _ => long.MaxValue), maxRunning: 1);

    public override IReadOnlyList<Action> Threads => [() => Add(0), () => { Add(1); Add(2); }];

    public Task RunAsync(ServerCall call)
    {
        _running++;
        Must(_running == 1, $"{_running} calls run at a time on one place");
        _ran.Add(call.Type!);
        ThreadPool.UnsafeQueueUserWorkItem(_ => End(call), state: null);
        return Task.CompletedTask;
    }

    public void OnIdle()
    {
    }

    public override void Check()
    {
        Must(_ran.Distinct().Count() == Calls && _ran.Count == Calls, $"calls {string.Join(", ", _ran)} ran");
        Must(_scheduler.Load == (0, 0), $"{_scheduler.Load} calls are left");
    }

    private void Add(int number)
    {
        ServerCall call = _scheduler.Rent();
        call.Begin(new Delivery(), new IncomingMessage { Type = $"{number}", CorrelationId = $"{number}", ReplyTo = "reply" });
        call.Delivery.Begin(new IncomingMessage { ReplyTo = "reply" }, receivedAt: 0, maxBodyBytes: 0);
        _scheduler.Add(call);
    }

    private void End(ServerCall call)
    {
        Must(_scheduler.TryCancel("reply", new CorrelationId(call.Type!)), $"call {call.Type} runs and is not found");
        _running--;
        _scheduler.End(call);
    }
}
