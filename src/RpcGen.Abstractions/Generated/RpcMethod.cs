using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RpcGen.Generated;

/// <summary>
/// One method of a contract, as client and server both see it: its names, its promises and its faults.
/// </summary>
public abstract class RpcMethod
{
    private protected RpcMethod(string name) => Name = name;

    /// <summary>The name on the wire, the AMQP <c>type</c> of requests.</summary>
    public string Name { get; }

    /// <summary>How long a call may take where nothing else is said.</summary>
    public virtual TimeSpan Timeout => RpcTimeouts.Default;

    /// <summary>Whether running it twice is as good as once: see <see cref="RpcIdempotentAttribute"/>.</summary>
    public virtual bool IsIdempotent => false;

    /// <summary>Whether it must never run twice for a call: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    public virtual bool IsAtMostOnce => false;

    /// <summary>Whether the method takes a token: one that does not is spared its making.</summary>
    public virtual bool IsCancellable => true;

    /// <summary>Whether the caller waits for no reply: see <see cref="RpcOneWayAttribute"/>.</summary>
    public virtual bool IsOneWay => false;

    /// <summary>Whether the caller of a one-way method waits until the broker has taken the request: see <see cref="RpcOneWayAttribute.Confirm"/>.</summary>
    public virtual bool IsConfirmed => true;

    /// <summary>Whether every instance of the server gets the call: see <see cref="RpcBroadcastAttribute"/>. It is one-way then too.</summary>
    public virtual bool IsBroadcast => false;

    /// <summary>Whether requests survive a restart of the broker: see <see cref="RpcDurableAttribute"/>.</summary>
    public virtual bool IsDurable => false;

    /// <summary>The priority of requests: see <see cref="RpcPriorityAttribute"/>.</summary>
    public virtual byte Priority => 0;

    /// <summary>Whether calls may share a message with others: see <see cref="RpcBatchingAttribute"/>.</summary>
    public virtual bool CanBatch => IsIdempotent || IsAtMostOnce;

    /// <summary>The policies that a call has to satisfy: see <see cref="RpcAuthorizeAttribute"/>.</summary>
    public virtual IReadOnlyList<string> Policies => [];

    /// <summary>The parameters that travel, in the order of the declaration; in a list of its own each time.</summary>
    public virtual IReadOnlyList<RpcProperty> Parameters => [];

    /// <summary>How results are written and read; null for a method without result.</summary>
    public abstract JsonTypeInfo? ResultTypeInfo { get; }

    /// <summary>The declared faults, a derived exception before its base.</summary>
    public virtual IReadOnlyList<RpcFault> Faults => [];
}

/// <summary>One method of a contract with its types: how arguments are written, read and checked, and how it is run.</summary>
/// <typeparam name="TService">The contract.</typeparam>
/// <typeparam name="TArguments">A tuple with an element a parameter, tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
public abstract class RpcMethod<TService, TArguments, TResult> : RpcMethod
    where TService : class
    where TArguments : struct
{
    /// <summary>Makes the method that has this name on the wire.</summary>
    /// <exception cref="InvalidOperationException">No metadata covers the result; the message says how to add it.</exception>
    protected RpcMethod(RpcJson json, string name)
        : base(name)
    {
        ArgumentNullException.ThrowIfNull(json);
        ResultType = typeof(TResult) == typeof(RpcVoid) ? null : json.GetTypeInfo<TResult>();
    }

    /// <summary>How results are written and read; null for a method without result, whose reply body is empty.</summary>
    public JsonTypeInfo<TResult>? ResultType { get; }

    /// <inheritdoc/>
    public sealed override JsonTypeInfo? ResultTypeInfo => ResultType;

    /// <summary>Writes the request's body: overridden where there are arguments.</summary>
    public virtual void WriteArguments(Utf8JsonWriter writer, in TArguments arguments)
    {
        ArgumentNullException.ThrowIfNull(writer);
        writer.WriteStartObject();
        writer.WriteEndObject();
    }

    /// <summary>Reads the request's body; what is wrong with it is noted in <paramref name="reader"/>. Overridden where there are arguments.</summary>
    public virtual TArguments ReadArguments(ref RpcArgumentReader reader)
    {
        while (reader.NextParameter())
        {
            reader.Skip();
        }

        return default;
    }

    /// <summary>Notes in <paramref name="validation"/> every way in which arguments break the contract; overridden where they can.</summary>
    public virtual void Validate(in TArguments arguments, RpcValidation validation)
    {
    }

    /// <summary>Runs the method on the service.</summary>
    public abstract ValueTask<TResult> InvokeAsync(TService service, TArguments arguments, CancellationToken cancellationToken);
}
