using System.Text.Json.Serialization.Metadata;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RpcGen.Protocol;

namespace RpcGen;

/// <summary>Settings of a connection and everything made from it. Immutable.</summary>
public sealed record RpcConnectionOptions
{
    /// <summary>What the broker's operators see the connections called; the name of the process unless set.</summary>
    public string? ConnectionName { get; init; }

    /// <summary>Where RpcGen logs; nowhere unless set.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    /// <summary>
    /// JSON metadata for the types of contracts: the <c>Default</c> of <c>JsonSerializerContext</c>s that live outside of
    /// the contract's assembly. Those inside are found without.
    /// </summary>
    public IReadOnlyList<IJsonTypeInfoResolver> JsonContexts { get; init; } = [];

    /// <summary>
    /// The largest body in bytes that is sent or accepted, 15 MiB unless set. Brokers from 4.0 on close the channel of
    /// whoever sends a message above 16 MiB.
    /// </summary>
    public int MaxMessageBytes { get; init; } = JsonLimits.MaxMessageBytes;

    /// <summary>
    /// Whether calls that wait while others are on their way may share a message with each other; true unless set. It makes
    /// busy clients several times faster, and concerns only methods that are <see cref="RpcIdempotentAttribute"/>,
    /// <see cref="RpcAtMostOnceAttribute"/> or <see cref="RpcBatchingAttribute"/>, while their handlers are quick and servers
    /// say that they understand.
    /// </summary>
    public bool Batching { get; init; } = true;

    /// <summary>
    /// Whether requests say which of the broker's users sends them, by AMQP's property <c>user_id</c>, which the broker checks:
    /// handlers see it in <see cref="RpcCallContext.BrokerUser"/>. It is the user of the connection string. False unless set.
    /// </summary>
    public bool SendBrokerUser { get; init; }

    /// <summary>What the calls of all clients pass through, the first one outermost.</summary>
    public IReadOnlyList<IRpcClientInterceptor> ClientInterceptors { get; init; } = [];

    /// <summary>What the calls of all servers pass through before they run, the first one outermost.</summary>
    public IReadOnlyList<IRpcServerInterceptor> ServerInterceptors { get; init; } = [];

    /// <summary>The clock; the system's unless set. For tests.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxMessageBytes, 1024, nameof(MaxMessageBytes));
        ArgumentNullException.ThrowIfNull(LoggerFactory);
        ArgumentNullException.ThrowIfNull(JsonContexts);
        Interceptor.ThrowIfInvalid(ClientInterceptors, nameof(ClientInterceptors));
        Interceptor.ThrowIfInvalid(ServerInterceptors, nameof(ServerInterceptors));
        ArgumentNullException.ThrowIfNull(TimeProvider);
    }
}
