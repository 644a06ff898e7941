using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Streams.LongCalls;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>
/// The long calls that this process has made: tells their servers that they are waited for, finds servers that are lost, and passes replies on. As long as
/// no call is long, it costs nothing. Thread-safe.
/// </summary>
/// <param name="links">The connection on which the peers watch each other.</param>
/// <param name="environment">The clock, randomness and the log.</param>
internal sealed class AwaitedCalls(StreamLinks links, RpcEnvironment environment) : IDisposable
{
    private readonly AwaitedTable _table = new(environment.Time, new SecretNames(environment.Random).NameFor);
    private readonly Lock _gate = new();
    private readonly BeatTimer _timer = new(links.Settings.Beat, environment.Time);
    private volatile bool _isAny;
    private int _isTelling;
    private string? _toldFrom;
    private long _news;
    private long _told;
    private long _number;

    /// <summary>Whether there are such calls.</summary>
    public bool IsAny => _isAny;

    /// <summary>
    /// Tells all instances that serve a request queue where this process is, because the queue of one of them is gone: gets the request queue, the queue of this
    /// process, and its name for the instance. Null for nobody. Must not throw.
    /// </summary>
    public Action<string, string, string>? Search { get; set; }

    /// <summary>How many such calls there are; those that have ended count until the next beat.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
            {
                return _table.Count;
            }
        }
    }

    /// <summary>A server has announced a call.</summary>
    /// <exception cref="Exception">The message cannot be read.</exception>
    public void OnOpen(AwaitedCall call, in IncomingMessage open)
    {
        OpenBody body = LongCallBodies.ReadOpen(open.Body);
        if (open.ReplyTo?.StartsWith(WireNames.CallbackQueuePrefix, StringComparison.Ordinal) != true)
        {
            return; // other queues take messages for requests
        }

        lock (_gate)
        {
            if (_table.Announce(call, open.ReplyTo, body, Now()) is null)
            {
                return;
            }

            _isAny = true;
            _news++;
            _timer.Start(OnTick);
        }

        TellSoon();
    }

    /// <summary>A server says which calls it answers.</summary>
    /// <exception cref="Exception">The message cannot be read.</exception>
    public void OnRunning(in IncomingMessage message)
    {
        if (_isAny && message.ReplyTo is { Length: > 0 } queue)
        {
            RunningBody body = LongCallBodies.ReadRunning(message.Body);
            List<(AwaitedCall Call, AwaitedEnd End)> ended;
            bool hasMoved;
            lock (_gate)
            {
                ended = _table.OnRunning(queue, body, Now(), out hasMoved);
                _news += hasMoved ? 1 : 0;
            }

            End(ended);
            if (hasMoved)
            {
                TellSoon();
            }
        }
    }

    /// <summary>Passes the reply to a call on. False if there is no such call.</summary>
    public bool TryReply(CorrelationId id, in IncomingMessage reply)
    {
        if (Find(id) is not { } call)
        {
            return false;
        }

        call.OnReply(in reply);
        return true;
    }

    /// <summary>A message to a queue came back.</summary>
    public void OnReturned(string queue)
    {
        if (!_isAny)
        {
            return;
        }

        bool isFirst;
        lock (_gate)
        {
            isFirst = _table.OnReturned(queue);
            _news += isFirst ? 1 : 0;
        }

        if (isFirst)
        {
            TellSoon();
        }
    }

    /// <inheritdoc cref="AwaitedTable.TryHoldBack"/>
    public bool TryHoldBack(CorrelationId id)
    {
        if (!_isAny)
        {
            return false;
        }

        lock (_gate)
        {
            return _table.TryHoldBack(id.Normalize());
        }
    }

    /// <inheritdoc cref="AwaitedTable.TryDetach"/>
    public bool TryDetach(CorrelationId id)
    {
        if (!_isAny)
        {
            return false;
        }

        lock (_gate)
        {
            return _table.TryDetach(id.Normalize());
        }
    }

    /// <summary>This process speaks from a new queue: tells all servers.</summary>
    public void OnLinkOpened()
    {
        if (_isAny)
        {
            lock (_gate)
            {
                _ = _table.Tick(Now(), isDeaf: true);
            }

            TellSoon();
        }
    }

    /// <summary>Whether a call is answered by a server that has taken it over.</summary>
    public bool IsAdopted(CorrelationId id) => _isAny && Find(id) is { IsAdopted: true };

    /// <inheritdoc/>
    public void Dispose() => _timer.Dispose();

    private AwaitedCall? Find(CorrelationId id)
    {
        if (!_isAny)
        {
            return null;
        }

        lock (_gate)
        {
            return _table.Find(id.Normalize());
        }
    }

    private void OnTick(bool isLate)
    {
        bool isDeaf = isLate || links.Current is not { BlockedReason: null };
        List<(AwaitedCall Call, AwaitedEnd End)> ended;
        lock (_gate)
        {
            ended = _table.Tick(Now(), isDeaf);
            _news++;
            if (_table.IsEmpty)
            {
                _isAny = false;
                _timer.Stop();
            }
        }

        End(ended);
        TellSoon();
    }

    private static void End(List<(AwaitedCall Call, AwaitedEnd End)> ended)
    {
        foreach ((AwaitedCall call, AwaitedEnd end) in ended)
        {
            call.OnEnded(end);
        }
    }

    /// <summary>Tells all servers, unless there is no news for them. Calls that are announced at the same time share a message.</summary>
    private void TellSoon()
    {
        if (_isAny && Interlocked.Exchange(ref _isTelling, 1) == 0)
        {
            _ = Task.Run(TellAsync);
        }
    }

    private async Task TellAsync()
    {
        try
        {
            StreamLink link = await links.GetAsync(CancellationToken.None).ConfigureAwait(false);
            Volatile.Write(ref _isTelling, 0);
            (AwaitedReport Report, string Queue)[] reports;
            long number;
            lock (_gate)
            {
                if (_told == _news && _toldFrom == link.Queue)
                {
                    return; // somebody else was faster
                }

                (_told, _toldFrom) = (_news, link.Queue);
                number = ++_number;
                reports = [.. _table.Report(number).Select(static report => (report, report.Server.Queue))];
            }

            foreach ((AwaitedReport report, string queue) in reports)
            {
                if (report.SearchIn is { } requestQueue)
                {
                    Search?.Invoke(requestQueue, link.Queue, report.Server.OwnInstance);
                    continue;
                }

                byte[] body = LongCallBodies.WriteWaiting(links.Settings.Beat, report.Server.OwnInstance, number, report.Calls);
                await link.TryPublishAsync(link.To(queue, StreamMessageKinds.Waiting, default, body)).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // A server's queue that AMQP does not carry, or the connection is disposed: its calls have no other side then.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Volatile.Write(ref _isTelling, 0);
            Log.StreamMessageDropped(GuardedLogger.Guard(environment.Log), StreamMessageKinds.Waiting, null, e.Message);
        }
    }

    private long Now() => environment.Time.GetTimestamp();
}
