using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>One call of a batch, as read from the message.</summary>
/// <param name="Id">The call's id.</param>
/// <param name="Method">The method's name; null if the entry names none.</param>
/// <param name="Budget">How long the caller waits, in milliseconds.</param>
/// <param name="Arguments">The arguments, a part of the batch's body.</param>
/// <param name="TraceParent">The caller's span; null for none.</param>
/// <param name="Headers">The call's headers; null for none.</param>
internal readonly record struct BatchEntry(
    CorrelationId Id, string? Method, long Budget, ReadOnlyMemory<byte> Arguments, string? TraceParent, IDictionary<string, object?>? Headers);
