using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// Detects early that the connection to the broker is dead: packets are lost in one direction or both, or the broker hangs.
/// Heartbeats detect it too, but only after three intervals. One loop runs while the connection is open.
/// </summary>
/// <remarks>
/// <para>Time is counted in ticks of its own timer, never read from a clock. A pause of this process, for example for a garbage
/// collection or in a debugger, counts as one tick. Data that arrived meanwhile is seen at the next tick.</para>
/// <code>
/// from             to        when
/// Quiet            Asking    something is awaited, and nothing has arrived for 1 s: a question is sent
/// Asking           Checking  nothing has arrived for another 1 s: a second connection is opened
/// Checking         Cut       nothing has arrived for another 2 s on either connection
/// Checking         HeldUp    the second connection was answered
/// HeldUp           Checking  nothing has arrived for another 5 s
/// all but Cut      Quiet     something arrives, or the broker says that it blocks publishers
/// all but Cut      Cut       what was sent is retransmitted, and nothing of it was acknowledged for 4 s
/// </code>
/// </remarks>
internal sealed class LinkWatch : IDisposable
{
    /// <summary>The pause between two looks at the connection.</summary>
    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(250);

    /// <summary>How many ticks an answer can be overdue before the broker is asked.</summary>
    public const int OverdueTicks = 4;

    /// <summary>How many ticks the question can be unanswered before a second connection is opened.</summary>
    public const int AskingTicks = 4;

    /// <summary>How many ticks the second connection can be unanswered before the connection is cut.</summary>
    public const int CheckingTicks = 8;

    /// <summary>How many ticks pass after a second connection was answered before the next one is opened.</summary>
    public const int HeldUpTicks = 20;

    /// <summary>After how many ticks without any acknowledgement of sent data the connection is cut.</summary>
    public const int UnacknowledgedTicks = 16;

    /// <summary>How many retransmissions are also required. A live peer that does not read still acknowledges everything that its window allows.</summary>
    public const int Retransmissions = 3;

    private readonly string _name;
    private readonly ITransportConnection _connection;
    private readonly ILivenessProbe _probe;
    private readonly Func<bool> _isAwaiting;
    private readonly RpcEnvironment _environment;
    private long _received;
    private ulong _acknowledged;
    private int _unacknowledgedTicks;
    private int _ticks;
    private Task _answer = Task.CompletedTask;
    private Task<bool> _reachable = Task.FromResult(false);
    private CancellationTokenSource? _checking;

    private LinkWatch(string name, ITransportConnection connection, ILivenessProbe probe, Func<bool> isAwaiting, RpcEnvironment environment)
    {
        _name = name;
        _connection = connection;
        _probe = probe;
        _isAwaiting = isAwaiting;
        _environment = environment;
        _received = probe.Received;
    }

    private LinkWatchState State { get; set; } = LinkWatchState.Quiet;

    /// <summary>Watches a connection until it is closed. Does nothing if the broker is in this process.</summary>
    /// <param name="name">The connection's name, for the log.</param>
    /// <param name="connection">The connection.</param>
    /// <param name="isAwaiting">Whether something is awaited from the broker. Must not throw.</param>
    /// <param name="environment">Time and log.</param>
    public static async Task RunAsync(string name, ITransportConnection connection, Func<bool> isAwaiting, RpcEnvironment environment)
    {
        if (connection.Probe is { } probe)
        {
            using var watch = new LinkWatch(name, connection, probe, isAwaiting, environment.WithGuardedLog());
            await watch.RunAsync().ConfigureAwait(false);
        }
    }

    public void Dispose() => EndCheck();

    private async Task RunAsync()
    {
        while (State != LinkWatchState.Cut)
        {
            await Task.WhenAny(Task.Delay(Tick, _environment.Time), _connection.Closed).ConfigureAwait(false);
            if (_connection.Closed.IsCompleted)
            {
                break;
            }

            OnTick();
        }
    }

    private void OnTick()
    {
        if (IsUnacknowledged())
        {
            Cut("the network is cut: the broker's host has acknowledged nothing for 4 s, although it was sent several times");
        }
        else if (HasReceived() || _connection.BlockedReason is not null || (State == LinkWatchState.Quiet && !_isAwaiting()))
        {
            BeQuiet();
        }
        else
        {
            _ticks++;
            OnSilentTick();
        }
    }

    private void OnSilentTick()
    {
        switch (State)
        {
            case LinkWatchState.Quiet when _ticks >= OverdueTicks:
                MoveTo(LinkWatchState.Asking);
                Ask();
                break;
            case LinkWatchState.Asking when _ticks >= AskingTicks:
            case LinkWatchState.HeldUp when _ticks >= HeldUpTicks:
                MoveTo(LinkWatchState.Checking);
                _checking = new CancellationTokenSource();
                _reachable = _probe.IsReachableAsync(_checking.Token);
                break;
            case LinkWatchState.Checking when _reachable is { IsCompletedSuccessfully: true, Result: true }:
                EndCheck();
                MoveTo(LinkWatchState.HeldUp);
                Log.HeldUp(_environment.Log, _name);
                break;
            case LinkWatchState.Checking when _ticks >= CheckingTicks:
                Cut("the network is cut, or the broker hangs: nothing has come back for 4 s, and a second connection is not answered either");
                break;
            default:
                break;
        }
    }

    /// <summary>Asks, unless an earlier question is still unanswered. Its answer serves the same purpose.</summary>
    private void Ask()
    {
        if (_answer.IsCompleted)
        {
            _answer = _probe.AskAsync();
        }
    }

    private bool HasReceived()
    {
        long received = _probe.Received;
        bool isNew = received != _received;
        _received = received;
        return isNew;
    }

    private bool IsUnacknowledged()
    {
        SendProgress progress = _probe.ReadSendProgress() ?? default;
        if (!progress.IsPending || progress.AcknowledgedOctets != _acknowledged)
        {
            _acknowledged = progress.AcknowledgedOctets;
            _unacknowledgedTicks = 0;
            return false;
        }

        return ++_unacknowledgedTicks >= UnacknowledgedTicks && progress.Retransmissions >= Retransmissions;
    }

    private void BeQuiet()
    {
        _ticks = 0;
        if (State != LinkWatchState.Quiet)
        {
            EndCheck();
            MoveTo(LinkWatchState.Quiet);
        }
    }

    private void Cut(string reason)
    {
        MoveTo(LinkWatchState.Cut);
        _probe.Cut(reason);
    }

    private void EndCheck()
    {
        _checking?.Cancel();
        _checking?.Dispose();
        _checking = null;
    }

    private void MoveTo(LinkWatchState next)
    {
        Debug.Assert(LinkWatchMoves.IsLegal(State, next), $"There is no move from {State} to {next}.");
        State = next;
        _ticks = 0;
    }
}
