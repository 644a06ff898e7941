using System.Collections.ObjectModel;
using System.Globalization;
using System.Security.Claims;

namespace RpcGen;

/// <summary>
/// The call that a handler runs. Thread-safe; valid while the handler runs, like the handler's token. Calls that the handler
/// makes cannot take longer than <see cref="Remaining"/>.
/// </summary>
public sealed class RpcCallContext
{
    private static readonly AsyncLocal<RpcCallContext?> Ambient = new();
    private readonly ulong _callNumber;
    private readonly TimeProvider _time;
    private readonly long _deadline;
    private CancellationTokenSource? _source;
    private object? _idOrDetails; // the call's id as text, or RpcCallDetails that contain it. Most calls need neither, so that one field saves memory.
    private volatile bool _isCancelled;
    private volatile bool _isOver;

    internal RpcCallContext(
        RpcMethod method, string? callId, ulong callNumber, bool isRedelivered, TimeProvider time, long deadline, RpcCallDetails? details = null)
    {
        Method = method;
        _callNumber = callNumber;
        IsRedelivered = isRedelivered;
        _time = time;
        _deadline = deadline;
        _idOrDetails = (object?)details ?? callId;
    }

    /// <summary>The call that the current asynchronous flow runs; null outside a handler.</summary>
    public static RpcCallContext? Current
    {
        get => Ambient.Value is { _isOver: false } current ? current : null;
        internal set => Ambient.Value = value;
    }

    /// <summary>The method that is called.</summary>
    public RpcMethod Method { get; }

    /// <summary>The request's <c>correlation_id</c>, which is <see cref="RpcException.CallId"/> in the caller's exceptions; null if the request has none.</summary>
    public string? CallId => Volatile.Read(ref _idOrDetails) switch
    {
        string text => text,
        RpcCallDetails { CallId: { } text } => text,
        _ => _callNumber == 0 ? null : _callNumber.ToString("x16", CultureInfo.InvariantCulture),
    };

    /// <summary>
    /// Whether an earlier server got the request and was lost or stopped. The broker then delivered it again, or the caller had no
    /// answer and sent it again. If true, the method may already have run, in full or in part. False for a call that the client
    /// sent again after a connection loss. Such a call has the <see cref="CallId"/> of the first attempt.
    /// </summary>
    public bool IsRedelivered { get; }

    /// <summary>
    /// The broker's user that sent the request. The broker verifies it. Null if the caller does not send it (see
    /// <c>SendBrokerUser</c> of its connection's options), or if the request did not come straight from its sender. Otherwise a user
    /// could have another user's message run here, by dead-letter exchanges or bindings.
    /// </summary>
    /// <remarks>Users with the broker's tag <c>impersonator</c> can name other users.</remarks>
    public string? BrokerUser => Details?.BrokerUser;

    /// <summary>
    /// The caller as the server's <see cref="IRpcAuthenticator"/> has verified it. Never null: without an authenticator, or if the
    /// request does not identify its caller, its identity is not authenticated.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    public ClaimsPrincipal User
    {
        get => CreateDetails().User;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            CreateDetails().User = value;
        }
    }

    /// <summary>Data that authenticator, authorizer, interceptors and handler of this call share. Not thread-safe, unlike the other members.</summary>
    public IDictionary<object, object?> Items => CreateDetails().Items;

    /// <summary>The request's <c>priority</c>; 0 if it has none.</summary>
    public byte Priority => Details?.Priority ?? 0;

    /// <summary>The metadata that the caller sent. It cannot be trusted: anyone who can publish to the queue can write anything into it.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Details is { } details ? details.Metadata : ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// The metadata that is sent with the reply, whether that is a result or a fault:
    /// <c>RpcCallContext.Current.ReplyMetadata["cost"] = "3"</c>. The caller receives it through
    /// <see cref="RpcCallOptions.ReplyMetadata"/>.
    /// </summary>
    public RpcMetadata ReplyMetadata => CreateDetails().ReplyMetadata;

    /// <summary>Fires when the caller cancels, when the deadline passes, or when the connection is lost or the server stops waiting for the call.</summary>
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
                source.Cancel(); // the call was cancelled before the first use of this property
            }

            return source.Token;
        }
    }

    /// <summary>The rest of the caller's time limit: never negative, or <see cref="Timeout.InfiniteTimeSpan"/>.</summary>
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

    /// <summary>Marks the end of the handler. Work that it left running in the background no longer sees the call.</summary>
    internal void End() => _isOver = true;

    private RpcCallDetails? Details => Volatile.Read(ref _idOrDetails) as RpcCallDetails;

    /// <summary>The scope of the container that the call has while its caller is checked; null for none.</summary>
    internal IServiceProvider? Scope
    {
        get => Details?.Scope;
        set => CreateDetails().Scope = value;
    }

    /// <summary>Whether the caller is known, to the broker or to an authenticator.</summary>
    internal bool IsAuthenticated => Details is { IsAuthenticated: true };

    /// <summary>The reply's headers; null if it has none.</summary>
    internal IReadOnlyDictionary<string, object?>? ReplyHeaders => Details?.ReplyHeaders;

    /// <summary>Whether the call was cancelled, even if the handler never read <see cref="CancellationToken"/>.</summary>
    internal bool IsCancelled => _isCancelled;

    /// <summary>Whether the handler itself was invoked, as opposed to interceptors only.</summary>
    internal bool IsHandlerInvoked { get; set; }

    /// <summary>Cancels the call. Callbacks of the token run on the thread pool, not on the caller's thread.</summary>
    internal void Cancel()
    {
        _isCancelled = true;
        // Full fence: either the getter sees _isCancelled, or this method sees the getter's source.
        Interlocked.MemoryBarrier();
        _ = Volatile.Read(ref _source)?.CancelAsync();
    }

    private RpcCallDetails CreateDetails()
    {
        while (true)
        {
            object? more = Volatile.Read(ref _idOrDetails);
            if (more is RpcCallDetails known)
            {
                return known;
            }

            Interlocked.CompareExchange(ref _idOrDetails, new RpcCallDetails { CallId = (string?)more }, more);
        }
    }
}
