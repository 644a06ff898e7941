using RpcGen.Generated;
using RpcGen.Transport;

namespace RpcGen.Server.Settings;

/// <summary>The settings of one server, from its options, its contract and its connection. All values are valid. Immutable.</summary>
internal sealed record ServerSettings
{
    /// <summary>The contract.</summary>
    public required RpcContract Contract { get; init; }

    /// <summary>The request queue, as it is declared.</summary>
    public required QueueDeclaration Queue { get; init; }

    /// <summary>The queue for one-way requests that failed or were refused, as it is declared; null for none.</summary>
    public QueueDeclaration? DeadLetterQueue { get; init; }

    /// <summary>The service's own exchange, to which the queue is bound by its name; empty for the default exchange alone.</summary>
    public string Exchange { get; init; } = "";

    /// <summary>The exchange that replies are published to; empty for the default exchange.</summary>
    public string ReplyExchange { get; init; } = "";

    /// <summary>The connection's user, for messages.</summary>
    public string UserName { get; init; } = "";

    /// <summary>The broker's address without credentials, for messages.</summary>
    public required string Broker { get; init; }

    /// <summary>The largest request and reply, in bytes.</summary>
    public required int MaxMessageBytes { get; init; }

    /// <summary>Whether this process serves a queue: then the queue is not a reply address.</summary>
    public required Predicate<string> IsServedHere { get; init; }

    /// <summary>The longest budget of methods without <see cref="RpcTimeoutAttribute"/>, unless the options say otherwise.</summary>
    public static readonly TimeSpan DefaultMaxTimeout = TimeSpan.FromMinutes(30);

    /// <summary>RabbitMQ's own default of <c>consumer_timeout</c>.</summary>
    public static readonly TimeSpan DefaultConsumerTimeout = TimeSpan.FromMinutes(30);

    /// <summary>How many calls run at a time, 1 to 65535.</summary>
    public int MaxConcurrentCalls { get; init; } = 64;

    /// <summary>How long stopping waits for running calls.</summary>
    public TimeSpan GracePeriod { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The longest budget of methods without <see cref="RpcTimeoutAttribute"/>; can be infinite.</summary>
    public TimeSpan MaxTimeout { get; init; } = DefaultMaxTimeout;

    /// <summary>How long the broker lets the server hold a request, until the broker names another limit; can be infinite.</summary>
    public TimeSpan ConsumerTimeout { get; init; } = DefaultConsumerTimeout;

    /// <summary>When a call becomes a long one, from its delivery on.</summary>
    public static readonly TimeSpan DefaultLongCallAfter = TimeSpan.FromSeconds(30);

    /// <summary>When a call becomes a long one, from its delivery on; can be infinite.</summary>
    public TimeSpan LongCallAfter { get; init; } = DefaultLongCallAfter;

    /// <summary>How many calls of long-running methods run at a time, beside <see cref="MaxConcurrentCalls"/>.</summary>
    public int MaxLongCalls { get; init; } = 1000;

    /// <summary>Whether requests that have waited too long to end in time are refused.</summary>
    public bool RejectWhenOverloaded { get; init; } = true;

    /// <summary>Whether the queue must exist already and is not declared.</summary>
    public bool UseExistingQueue { get; init; }

    /// <summary>Whether the server can be found without its queue.</summary>
    public bool IsDiscoverable { get; init; } = true;

    /// <summary>Whether callers get type, message and stack of undeclared exceptions.</summary>
    public bool EnableDetailedErrors { get; init; }

    /// <summary>Whether the queue is a quorum queue for certain. Existing queues, and those whose type the broker decides, can be.</summary>
    public bool IsSurelyQuorum => Queue.Kind == QueueKind.Quorum && !UseExistingQueue && BodyStyle != RpcBodyStyle.Bare;

    /// <summary>The name of the request queue.</summary>
    public string QueueName => Queue.Name;

    /// <summary>The form of message bodies.</summary>
    public RpcBodyStyle BodyStyle => Contract.BodyStyle;

    /// <summary>The longest budget of a method's calls, even if callers ask for more.</summary>
    public TimeSpan LongestBudgetOf(RpcMethod method) => method.DeclaredTimeout ?? MaxTimeout;
}
