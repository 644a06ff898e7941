using System.Runtime.CompilerServices;

namespace RpcGen.Testing;

/// <summary>A call that a service has run. Immutable.</summary>
public sealed class RpcRecordedCall
{
    /// <summary>The contract of the service.</summary>
    public Type Contract { get; init; } = typeof(object);

    /// <summary>The method's name on the wire, such as <c>Place</c> for <c>PlaceAsync</c>.</summary>
    public string Method { get; init; } = "";

    /// <summary>The arguments in the order of the declaration, cancellation tokens left out: <c>(Order)call.Arguments[0]!</c>.</summary>
    public ITuple Arguments { get; init; } = default(ValueTuple);

    /// <summary>The result; null for methods without a result, and if the call failed.</summary>
    public object? Result { get; init; }

    /// <summary>What the service threw; null if the call succeeded.</summary>
    public Exception? Exception { get; init; }
}
