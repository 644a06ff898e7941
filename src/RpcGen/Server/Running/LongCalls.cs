using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Settings;
using RpcGen.Streams;
using RpcGen.Streams.LongCalls;

namespace RpcGen.Server.Running;

/// <summary>
/// The long calls of one server, over all its links: decides which calls are long, limits those that are long from the start, and waits for them when the
/// server stops. Thread-safe.
/// </summary>
/// <param name="peers">The long calls of the connection.</param>
/// <param name="settings">The server's settings.</param>
/// <param name="limit">How long a request can be held.</param>
/// <param name="environment">The clock and the log.</param>
internal sealed class LongCalls(ServedLongCalls peers, ServerSettings settings, ConsumerLimit limit, RpcEnvironment environment) : ILongCallOwner
{
    private readonly Lock _gate = new();
    private readonly HashSet<LongCall> _adopted = [];
    private TaskCompletionSource? _whenEmpty;
    private int _longRunning;

    /// <summary>The long calls of the connection.</summary>
    public ServedLongCalls Peers => peers;

    /// <summary>How many calls of <see cref="RpcLongRunningAttribute"/> methods can run at a time.</summary>
    public int Max => settings.MaxLongCalls;

    /// <summary>How many of them run.</summary>
    public int LongRunning
    {
        get
        {
            lock (_gate)
            {
                return _longRunning;
            }
        }
    }

    /// <summary>The places of calls that have outlived their links.</summary>
    public OutsidePlaces Outside { get; } = new();

    /// <summary>When a call becomes long, as a timestamp of the clock; <see cref="long.MaxValue"/> for never. Always before the request is held for too long.</summary>
    public long DueAt(long receivedAt)
    {
        if (settings.LongCallAfter == Timeout.InfiniteTimeSpan)
        {
            return long.MaxValue;
        }

        TimeSpan after = limit.LongestHold == Timeout.InfiniteTimeSpan ? settings.LongCallAfter : RequestBudget.Shorter(settings.LongCallAfter, limit.LongestHold / 2);
        return receivedAt + (long)(after.TotalSeconds * environment.Time.TimestampFrequency);
    }

    /// <summary>
    /// Whether a call can be long. Its caller must wait for the answer and know what an announcement is. Its request must not be needed by the broker: a
    /// durable one survives until the call has run.
    /// </summary>
    public static bool CanBeLong(ServerCall call, RpcMethod method) =>
        call is { Kind: MessageKind.Call, IsOneWay: false, Long: null, Id.IsEmpty: false } && AgainMessages.IsUnderstoodAt(call.Delivery.ReplyTo) && method is { IsOneWay: false, IsDurable: false };

    /// <summary>Whether a running call has enough time left to become long.</summary>
    public bool IsWorthIt(ServerCall call, RpcMethod method, long now) =>
        CanBeLong(call, method) && !method.IsLongRunning && environment.Time.GetElapsedTime(now, call.Deadline) > peers.Beat;

    /// <summary>When to look again at calls that still wait for a place, as a timestamp of the clock.</summary>
    public long NextLook(long now) => now + (long)(peers.Beat.TotalSeconds * environment.Time.TimestampFrequency);

    /// <summary>A call that is about to run is long from the start, if its method says so. False if too many of them run.</summary>
    public bool TryBegin(ServerCall call, RpcMethod method)
    {
        if (!method.IsLongRunning || !CanBeLong(call, method))
        {
            return true;
        }

        lock (_gate)
        {
            if (_longRunning >= settings.MaxLongCalls)
            {
                return false;
            }

            _longRunning++;
        }

        LongCall? begun = TryCreate(call, leavesPlace: true);
        Debug.Assert(begun is not null, "A call that is about to run is not answered yet.");
        _ = AnnounceAsync(begun);
        return true;
    }

    /// <summary>Makes a call long. It is announced after that. Null for a call that is being answered.</summary>
    public LongCall? TryCreate(ServerCall call, bool leavesPlace)
    {
        var created = new LongCall(this, call, leavesPlace);
        return call.TryBecomeLong(created) ? created : null;
    }

    /// <summary>Tells the caller who runs its call. Never throws.</summary>
    public Task AnnounceAsync(LongCall call) => peers.AnnounceAsync(call);

    /// <inheritdoc/>
    public void OnAdopted(LongCall call)
    {
        lock (_gate)
        {
            if (!call.IsOver)
            {
                _adopted.Add(call);
            }
        }

        Log.LongCallAdopted(GuardedLogger.Guard(environment.Log), settings.QueueName, call.WireId.ToString());
    }

    /// <inheritdoc/>
    public void OnEnded(LongCall call)
    {
        TaskCompletionSource? empty;
        lock (_gate)
        {
            _longRunning -= call.LeavesPlace ? 1 : 0;
            _adopted.Remove(call);
            empty = _adopted.Count == 0 ? _whenEmpty : null;
        }

        empty?.TrySetResult();
    }

    /// <inheritdoc/>
    public Task CompleteAsync(LongCall call, LongReply reply) => peers.CompleteAsync(call, reply);

    /// <inheritdoc/>
    public void OnUnwanted(LongCall call, string reason) =>
        Log.LongCallUnwanted(GuardedLogger.Guard(environment.Log), settings.QueueName, call.WireId.ToString(), reason);

    /// <summary>Waits until no call that was taken over runs; gives up those that run after the grace period.</summary>
    /// <param name="graceOver">Completes at the end of the grace period.</param>
    /// <returns>How many were given up.</returns>
    public async Task<int> DrainAsync(Task graceOver)
    {
        Task whenEmpty;
        lock (_gate)
        {
            _whenEmpty ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            if (_adopted.Count == 0)
            {
                _whenEmpty.TrySetResult();
            }

            whenEmpty = _whenEmpty.Task;
        }

        if (await Task.WhenAny(whenEmpty, graceOver).ConfigureAwait(false) == whenEmpty)
        {
            return 0;
        }

        LongCall[] left;
        lock (_gate)
        {
            left = [.. _adopted];
        }

        await Task.WhenAll(left.Select(static call => call.InterruptAsync())).ConfigureAwait(false);
        return left.Length;
    }
}
