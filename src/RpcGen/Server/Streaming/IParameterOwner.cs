using RpcGen.Streams;

namespace RpcGen.Server.Streaming;

/// <summary>What a <see cref="ServedParameter"/> needs from its call. Must not throw.</summary>
internal interface IParameterOwner
{
    /// <summary>The call, which counts messages.</summary>
    StreamCall Call { get; }

    /// <summary>Whether the call is over, so that its caller needs to know nothing more.</summary>
    bool IsOver { get; }

    /// <summary>The client breaks the protocol: ends the call, and tells the client.</summary>
    void OnViolation(string reason);

    /// <summary>An item breaks the contract: ends the call, and tells the client.</summary>
    void OnInvalid(RpcValidationException exception);
}
