using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Replying;
using RpcGen.Transport;

namespace RpcGen.Server.Watching;

/// <summary>
/// Tells those who watch this instance which calls have ended. While nobody watches, it has no timer, and a call costs one comparison with
/// null. Thread-safe.
/// </summary>
/// <param name="environment">Time.</param>
internal sealed class CallWatches(RpcEnvironment environment)
{
    /// <summary>More watches at a time are refused.</summary>
    public const int MaxWatches = 8;

    /// <summary>The longest time until a watch must be renewed.</summary>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromMinutes(1);

    /// <summary>How long events are gathered.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(3);

    private readonly Lock _gate = new();
    private volatile CallWatch[]? _active;
    private ReplySender? _sender;
    private ITimer? _timer;
    private Task _sending = Task.CompletedTask;
    private bool _isStopped;

    /// <summary>The watches; null while nobody watches.</summary>
    public CallWatch[]? Active => _active;

    /// <summary>The id of the instance, for messages. Set before the first watch.</summary>
    public string Instance { get; set; } = "";

    /// <summary>Sets the channel that events go out on: that of the current link.</summary>
    public void SetSender(ReplySender sender) => Volatile.Write(ref _sender, sender);

    /// <summary>Starts a watch, or renews that of the same asker.</summary>
    /// <param name="asker">The callback queue that gets the events.</param>
    /// <param name="id">The id that the events have.</param>
    /// <param name="filter">Which calls.</param>
    /// <param name="lifetime">How long the watch lasts; at most <see cref="MaxLifetime"/>.</param>
    /// <returns>False if there are too many watches.</returns>
    public bool TryAdd(string asker, CorrelationId id, RpcWatchFilter filter, TimeSpan lifetime)
    {
        TimeProvider time = environment.Time;
        lifetime = lifetime < MaxLifetime ? lifetime : MaxLifetime;
        long now = time.GetTimestamp();
        long end = now + (long)(lifetime.TotalSeconds * time.TimestampFrequency);
        lock (_gate)
        {
            RemoveEnded(now);
            CallWatch? watch = _active?.FirstOrDefault(known => known.Asker == asker);
            if (watch is null)
            {
                if (_isStopped || _active?.Length >= MaxWatches)
                {
                    return false;
                }

                watch = new CallWatch(asker);
                watch.Renew(id, filter, end);
                _active = [.. _active ?? [], watch];
                StartTimer();
            }
            else
            {
                watch.Renew(id, filter, end);
            }

            return true;
        }
    }

    /// <summary>Tells the watches of a call that has ended.</summary>
    /// <param name="active">The watches.</param>
    /// <param name="ended">The call.</param>
    public void Note(CallWatch[] active, in CallEvent ended)
    {
        long second = environment.Time.GetTimestamp() / environment.Time.TimestampFrequency;
        foreach (CallWatch watch in active)
        {
            watch.Add(in ended, second);
        }
    }

    /// <summary>Sends the waiting events before the link that carries them is closed. Never throws.</summary>
    public async Task FlushAsync()
    {
        Task sending;
        lock (_gate)
        {
            sending = _sending;
        }

        try
        {
            await Task.WhenAll(sending, SendAsync()).WaitAsync(FlushTimeout, environment.Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The broker takes nothing: the link is closed all the same.
        }
    }

    /// <summary>Ends all watches for good.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            End();
        }
    }

    private void StartTimer()
    {
        if (_timer is not null)
        {
            return;
        }

        using (AmbientFlow.Suppress())
        {
            _timer = environment.Time.CreateTimer(static watches => ((CallWatches)watches!).OnTick(), this, Interval, Interval);
        }
    }

    private void OnTick()
    {
        lock (_gate)
        {
            RemoveEnded(environment.Time.GetTimestamp());
            if (_active is { } active && _sending.IsCompleted && Array.Exists(active, static watch => watch.HasNews))
            {
                _sending = Task.Run(SendAsync); // publishing can wait for the socket
            }
        }
    }

    private void RemoveEnded(long now)
    {
        if (_active is not { } active)
        {
            return;
        }

        CallWatch[] left = Array.FindAll(active, watch => !watch.IsOver(now));
        if (left.Length == 0)
        {
            End();
        }
        else if (left.Length < active.Length)
        {
            _active = left;
        }
    }

    private void End()
    {
        _active = null;
        _timer?.Dispose();
        _timer = null;
    }

    /// <summary>Sends the waiting events. A sender never throws.</summary>
    private async Task SendAsync()
    {
        if (Volatile.Read(ref _sender) is not { } sender)
        {
            return;
        }

        var body = new PooledBuffer();
        foreach (CallWatch watch in _active ?? [])
        {
            while (watch.WriteNext(body, Instance, out CorrelationId id) is > 0 and var count)
            {
                bool isSent = await sender.SendEventsAsync(watch.Asker, id, body.Written).ConfigureAwait(false);
                body.Reset();
                if (!isSent)
                {
                    watch.AddOmitted(count);
                    break; // the next link sends the rest
                }
            }
        }

        body.Release();
    }
}
