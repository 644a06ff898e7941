using System.Runtime.CompilerServices;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A call that is about to be sent, as interceptors of a client see it. Not thread-safe.</summary>
public abstract class RpcClientCall
{
    private readonly TimeProvider _time;
    private readonly long _startedAt;

    private protected RpcClientCall(RpcMethod method, string queue, TimeProvider time)
    {
        Method = method;
        Queue = queue;
        _time = time;
        _startedAt = time.GetTimestamp();
    }

    /// <summary>The method that is called.</summary>
    public RpcMethod Method { get; }

    /// <summary>The request queue.</summary>
    public string Queue { get; }

    /// <summary>
    /// The time limit of the call from its start, including repetitions and the pauses between them: positive or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>The rest of <see cref="Timeout"/>: never negative, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</summary>
    public TimeSpan Remaining
    {
        get
        {
            if (Timeout == System.Threading.Timeout.InfiniteTimeSpan)
            {
                return Timeout;
            }

            TimeSpan remaining = Timeout - _time.GetElapsedTime(_startedAt);
            return remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero;
        }
    }

    /// <summary>Whether the call fails at once if the queue has no consumer.</summary>
    public bool FailFast { get; set; }

    /// <summary>The metadata that is sent with the request. It belongs to this call and can be added to.</summary>
    public RpcMetadata Metadata { get; } = [];

    /// <summary>The metadata of the latest reply.</summary>
    public RpcMetadata ReplyMetadata { get; internal init; } = [];

    /// <summary>The token of the calls that follow. Initially the caller's token.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>The settings that the caller made, before any change by interceptors.</summary>
    internal RpcCallOptions Settings { get; set; } = RpcCallOptions.None;

    /// <summary>The telemetry of the call with all its attempts; null for none.</summary>
    internal object? Observation { get; set; }

    /// <summary>Gets the arguments without their types, cancellation tokens left out. Allocates an object.</summary>
    public abstract ITuple GetArguments();
}

/// <summary>A call that is about to be sent, with its arguments.</summary>
/// <typeparam name="TArguments">A tuple with one element for each parameter, cancellation tokens left out.</typeparam>
public sealed class RpcClientCall<TArguments> : RpcClientCall
    where TArguments : struct
{
    internal RpcClientCall(RpcMethod method, string queue, TimeProvider time, TArguments arguments)
        : base(method, queue, time) => Arguments = arguments;

    /// <summary>The arguments. They are validated against the contract when they are sent.</summary>
    public TArguments Arguments { get; set; }

    /// <inheritdoc/>
    public override ITuple GetArguments() => (ITuple)(object)Arguments;
}
