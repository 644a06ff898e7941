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
    public TimeSpan Timeout { get; protected init; } = RpcTimeouts.Default;

    /// <summary>Whether running it twice is as good as once: see <see cref="RpcIdempotentAttribute"/>.</summary>
    public bool IsIdempotent { get; protected init; }

    /// <summary>Whether it must never run twice for a call: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    public bool IsAtMostOnce { get; protected init; }

    /// <summary>Whether the method takes a token: one that does not is spared its making.</summary>
    public bool IsCancellable { get; protected init; } = true;

    /// <summary>The declared faults, a derived exception before its base.</summary>
    public IReadOnlyList<RpcFault> Faults { get; protected init; } = [];
}

/// <summary>One method of a contract with its types: how arguments are written, read and checked, and how it is run.</summary>
/// <typeparam name="TService">The contract.</typeparam>
/// <typeparam name="TArguments">A struct with a field a parameter, tokens left out.</typeparam>
/// <typeparam name="TResult">The result, or <see cref="RpcVoid"/>.</typeparam>
public abstract class RpcMethod<TService, TArguments, TResult> : RpcMethod
    where TService : class
    where TArguments : struct
{
    /// <summary>Makes the method; <paramref name="resultType"/> is null where the result is <see cref="RpcVoid"/>.</summary>
    protected RpcMethod(string name, JsonTypeInfo<TResult>? resultType)
        : base(name) => ResultType = resultType;

    /// <summary>How results are written and read; null for a method without result, whose reply body is empty.</summary>
    public JsonTypeInfo<TResult>? ResultType { get; }

    /// <summary>Writes the request's body.</summary>
    public abstract void WriteArguments(Utf8JsonWriter writer, in TArguments arguments);

    /// <summary>Reads the request's body; what is wrong with it is noted in <paramref name="reader"/>.</summary>
    public abstract TArguments ReadArguments(ref RpcArgumentReader reader);

    /// <summary>Notes in <paramref name="validation"/> every way in which arguments break the contract.</summary>
    public abstract void Validate(in TArguments arguments, RpcValidation validation);

    /// <summary>Runs the method on the service.</summary>
    public abstract ValueTask<TResult> InvokeAsync(TService service, TArguments arguments, CancellationToken cancellationToken);
}
