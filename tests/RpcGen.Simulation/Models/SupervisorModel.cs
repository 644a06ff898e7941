using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Connections;
using RpcGen.Runtime;
using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>What a supervisor keeps open is lost, while somebody waits for it and somebody else disposes the supervisor.</summary>
internal sealed class SupervisorModel : Model
{
    private readonly Supervisor<Opened> _supervisor;
    private readonly List<Opened> _all = [];
    private Task<Opened>? _waiting;
    private Task? _disposal;

    public SupervisorModel()
    {
        _supervisor = new Supervisor<Opened>("It", OpenAsync, new RpcEnvironment(Time, new SimRandom(1), NullLogger.Instance))
        {
            OnOpened = static opened => opened.Tell("opened"),
            OnClosing = static opened => { opened.Tell("closing"); return Task.CompletedTask; },
            OnLost = static (opened, _) => opened.Tell("lost"),
        };
        _supervisor.StartInBackground();
    }

    public override IReadOnlyList<Action> Threads =>
    [
        () => _supervisor.Current?.Lose(),
        () => _waiting = _supervisor.GetAsync(CancellationToken.None),
        () => _disposal = _supervisor.DisposeAsync().AsTask(),
    ];

    public override void Check()
    {
        Must(_disposal is { IsCompletedSuccessfully: true }, "the disposal does not end");
        Must(_supervisor.Current is null, "something is open after the disposal");
        Must(_waiting!.IsCompleted, "somebody waits for ever for what is never opened");
        Must(_waiting.IsCompletedSuccessfully || _waiting.Exception?.InnerException is ObjectDisposedException, $"who waits gets {_waiting.Exception?.InnerException}");
        foreach (Opened opened in _all)
        {
            Must(opened.Disposals == 1, $"an object was disposed {opened.Disposals} times");
            Must(opened.Events is "" or "opened lost " or "opened closing lost ", $"an object was told: {opened.Events}");
        }
    }

    /// <summary>Opens the next object, in the background.</summary>
    private async Task<Opened> OpenAsync(CancellationToken cancellationToken)
    {
        await Task.Yield();
        Must(_disposal is not { IsCompleted: true }, "something is opened after the disposal");
        var opened = new Opened();
        _all.Add(opened);
        return opened;
    }

    private sealed class Opened : IClosable
    {
        private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<TransportClosure> Closed => _closed.Task;

        public int Disposals { get; private set; }

        public string Events { get; private set; } = "";

        public void Tell(string what) => Events += what + " ";

        public void Lose() => _closed.TrySetResult(new TransportClosure("torn"));

        public ValueTask DisposeAsync()
        {
            Disposals++;
            Lose();
            return default;
        }
    }
}
