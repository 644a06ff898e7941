using System.Collections.ObjectModel;
using System.Globalization;

namespace RpcGen;

/// <summary>
/// What a handler can know of the call it is running. Thread-safe; valid, like the handler's token, while the handler runs.
/// Calls that a handler makes inherit <see cref="Remaining"/> as the most they may take.
/// </summary>
public sealed class RpcCallContext
{
    private static readonly AsyncLocal<RpcCallContext?> Ambient = new();
    private readonly ulong _callNumber;
    private readonly TimeProvider _time;
    private readonly long _deadline;
    private CancellationTokenSource? _source;
    private object? _more; // the call's id as text, or details, which have it then: one field, for most calls need neither
    private volatile bool _isCancelled;
    private volatile bool _isOver;

    internal RpcCallContext(
        string method, string? callId, ulong callNumber, bool isRedelivered, TimeProvider time, long deadline, RpcCallDetails? details = null)
    {
        Method = method;
        _callNumber = callNumber;
        IsRedelivered = isRedelivered;
        _time = time;
        _deadline = deadline;
        _more = (object?)details ?? callId;
    }

    /// <summary>The call that the current asynchronous flow is handling; null outside of a handler.</summary>
    public static RpcCallContext? Current
    {
        get => Ambient.Value is { _isOver: false } current ? current : null;
        internal set => Ambient.Value = value;
    }

    /// <summary>The method's name on the wire.</summary>
    public string Method { get; }

    /// <summary>The request's <c>correlation_id</c>, which the caller's exceptions name too; null where the request has none.</summary>
    public string? CallId => Volatile.Read(ref _more) switch
    {
        string text => text,
        RpcCallDetails { CallId: { } text } => text,
        _ => _callNumber == 0 ? null : _callNumber.ToString("x16", CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// Whether the broker may have delivered this request before, to a server that was lost or stopped: the method may
    /// have run already, wholly or in part.
    /// </summary>
    public bool IsRedelivered { get; }

    /// <summary>
    /// Who sent the request, as RabbitMQ knows it: the user whose connection it came by, which the broker has checked. Null
    /// where the caller does not say (<c>SendBrokerUser</c> of its connection's options).
    /// </summary>
    /// <remarks>Users with the broker's tag <c>impersonator</c> may name others.</remarks>
    public string? BrokerUser => Details?.BrokerUser;

    /// <summary>The request's <c>priority</c>; 0 where it has none.</summary>
    public byte Priority => Details?.Priority ?? 0;

    /// <summary>What the caller says beside the arguments, by name. Anyone who may publish to the queue can say anything here.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Details is { } details ? details.Metadata : ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// What goes with the reply beside the result, or with the fault: <c>RpcCallContext.Current.ReplyMetadata["cost"] = "3"</c>.
    /// The caller reads it by <see cref="RpcClientExtensions.With{T}(T, RpcCallOptions)"/>.
    /// </summary>
    public RpcMetadata ReplyMetadata
    {
        get
        {
            while (true)
            {
                object? more = Volatile.Read(ref _more);
                if (more is RpcCallDetails known)
                {
                    return known.ReplyMetadata;
                }

                Interlocked.CompareExchange(ref _more, new RpcCallDetails { CallId = (string?)more }, more);
            }
        }
    }

    /// <summary>Fires when the caller cancels, when its deadline passes, or when the connection or the server goes.</summary>
    public CancellationToken CancellationToken
    {
        get
        {
            if (Volatile.Read(ref _source) is { } known)
            {
                return known.Token;
            }

            var made = new CancellationTokenSource();
            CancellationTokenSource source = Interlocked.CompareExchange(ref _source, made, null) ?? made;
            if (_isCancelled)
            {
                source.Cancel(); // it was cancelled before anyone asked for a token
            }

            return source.Token;
        }
    }

    /// <summary>What is left of the caller's time, zero at least; <see cref="Timeout.InfiniteTimeSpan"/> where it waits for ever.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (_deadline == long.MaxValue)
            {
                return Timeout.InfiniteTimeSpan;
            }

            TimeSpan remaining = _time.GetElapsedTime(_time.GetTimestamp(), _deadline);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>The handler has ended: what it left running in the background is on its own.</summary>
    internal void End() => _isOver = true;

    private RpcCallDetails? Details => Volatile.Read(ref _more) as RpcCallDetails;

    /// <summary>The reply's headers; null for none.</summary>
    internal IReadOnlyDictionary<string, object?>? ReplyHeaders => Details?.ReplyHeaders;

    /// <summary>Whether the token has fired, or would have, had anyone asked for it.</summary>
    internal bool IsCancelled => _isCancelled;

    /// <summary>Fires the token. What is registered with it runs on the thread pool, not on the caller's thread.</summary>
    internal void Cancel()
    {
        _isCancelled = true;
        Interlocked.MemoryBarrier(); // whoever makes the source later sees the mark; whoever made it before is seen here
        _ = Volatile.Read(ref _source)?.CancelAsync();
    }
}
