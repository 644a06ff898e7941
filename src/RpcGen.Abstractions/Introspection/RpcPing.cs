namespace RpcGen;

/// <summary>A server's answer to a ping.</summary>
/// <param name="RoundTrip">How long it took, from the question to the answer, waiting in the queue included.</param>
/// <param name="Instance">The instance that answered.</param>
public sealed record RpcPing(TimeSpan RoundTrip, RpcInstance Instance);
