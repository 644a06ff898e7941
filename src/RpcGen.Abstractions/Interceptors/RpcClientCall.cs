using System.Runtime.CompilerServices;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>A call on its way out, as interceptors of a client see it. Not thread-safe.</summary>
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

    /// <summary>The method: its names, promises and faults.</summary>
    public RpcMethod Method { get; }

    /// <summary>The request queue.</summary>
    public string Queue { get; }

    /// <summary>
    /// How long the call may take in all, from its start, repetitions and pauses between them included; positive or
    /// <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.
    /// </summary>
    public TimeSpan Timeout { get; set; }

    /// <summary>What is left of <see cref="Timeout"/>: zero at least, or <see cref="System.Threading.Timeout.InfiniteTimeSpan"/>.</summary>
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

    /// <summary>Whether it fails at once when nobody consumes the queue.</summary>
    public bool FailFast { get; set; }

    /// <summary>What goes with the request beside the arguments: this call's own, to be added to.</summary>
    public RpcMetadata Metadata { get; } = [];

    /// <summary>What came with the latest reply beside the result.</summary>
    public RpcMetadata ReplyMetadata { get; internal init; } = [];

    /// <summary>The caller's token; what is set instead ends what is called next.</summary>
    public CancellationToken CancellationToken { get; set; }

    /// <summary>What the caller set for this call, whatever interceptors change.</summary>
    internal RpcCallOptions Settings { get; set; } = RpcCallOptions.None;

    /// <summary>The arguments one by one, tokens left out. Makes an object for them.</summary>
    public abstract ITuple GetArguments();
}

/// <summary>A call on its way out, with its arguments.</summary>
/// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
public sealed class RpcClientCall<TArguments> : RpcClientCall
    where TArguments : struct
{
    internal RpcClientCall(RpcMethod method, string queue, TimeProvider time, TArguments arguments)
        : base(method, queue, time) => Arguments = arguments;

    /// <summary>The arguments. They are checked against the contract when they are sent.</summary>
    public TArguments Arguments { get; set; }

    /// <inheritdoc/>
    public override ITuple GetArguments() => (ITuple)(object)Arguments;
}
