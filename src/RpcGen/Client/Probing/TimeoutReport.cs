using System.Globalization;
using System.Text;
using RpcGen.Transport;

namespace RpcGen.Client.Probing;

/// <summary>Says why a call missed its deadline, as far as is known.</summary>
/// <param name="Call">The call as messages name it.</param>
/// <param name="QueueName">The service's request queue.</param>
/// <param name="Broker">The broker's address without credentials, for messages.</param>
/// <param name="Timeout">The time that the call had.</param>
/// <param name="IsToOwnService">Whether a handler of the same contract made the call.</param>
internal sealed record TimeoutReport(string Call, string QueueName, string Broker, TimeSpan Timeout, bool IsToOwnService = false)
{
    /// <summary>Whether the request was sent.</summary>
    public SentState Sent { get; init; }

    /// <summary>Whether the latest attempt was on an open link at the deadline.</summary>
    public bool IsInFlight { get; init; }

    /// <summary>Why there is no connection, as a clause; null if there is one.</summary>
    public string? UnavailableReason { get; init; }

    /// <summary>Why the broker blocks publishers, as a clause; null if it does not.</summary>
    public string? BlockedReason { get; init; }

    /// <summary>What the broker said about the latest attempt.</summary>
    public ConfirmState Confirm { get; init; }

    /// <summary>Whether the queue refused other requests a short time ago.</summary>
    public bool HasQueueRefused { get; init; }

    /// <summary>The state of the queue; null if it was not inspected.</summary>
    public QueueReport? Queue { get; init; }

    /// <summary>Whether the request most likely still waits in its queue.</summary>
    private bool IsUnread => Queue is { IsKnown: true, State: { Consumers: 0, ReadyMessages: > 0 } };

    /// <summary>The report as sentences.</summary>
    public string Describe()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Call} got no reply from queue '{QueueName}' on {Broker} within {Timeout.TotalSeconds:0.###} s. ");
        text.Append(Sent switch
        {
            SentState.NotSent => "The request was not sent.",
            SentState.Lost when IsInFlight => "The request was sent, and then the connection or its server was lost. Another attempt brought no reply. The call may have run and may still run.",
            SentState.Lost => "The request was sent, and then the connection or its server was lost. No attempt was in flight at the deadline. The call may have run and may still run.",
            _ when Confirm == ConfirmState.Unconfirmed => "The request was sent, but the broker has not confirmed it. It may have run and may still run.",
            _ when IsUnread => Confirm == ConfirmState.Confirmed ? "The broker has the request." : "The request was sent.",
            _ when Confirm == ConfirmState.Confirmed => "The broker has the request, and the server did not answer in time: it may have run and may still run.",
            _ => "The request was sent: it may have run and may still run.",
        });
        if (UnavailableReason is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" There is no connection: {UnavailableReason}.");
        }
        else if (BlockedReason is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $" The broker blocks publishers: {BlockedReason}.");
        }

        if (IsInFlight && UnavailableReason is null)
        {
            text.Append(' ').Append(Explain());
        }

        if (IsToOwnService)
        {
            text.Append(" A handler of the same service made the call, and holds a place until it has the reply: raise MaxConcurrentCalls above the depth of such calls, or call the implementation directly.");
        }

        return text.ToString();
    }

    private string Explain()
    {
        string state = Queue is null ? $"The state of queue '{QueueName}' is unknown." : Capitalize(Queue.Describe(QueueName)) + ".";
        return state + Queue switch
        {
            { Unreachable: not null } => " " + UnreachableQueues.Remedy,
            _ when HasQueueRefused && Confirm == ConfirmState.NotAsked => " The queue has refused other requests meanwhile: it is full (x-overflow=reject-publish). Start another server, or raise the limit of the queue.",
            _ when Confirm == ConfirmState.Unconfirmed => " The node that hosts the queue can hang, or the other nodes cannot reach it.",
            { IsKnown: true, Exists: false } => " It was deleted meanwhile, or its server has gone.",
            { IsKnown: true, State.Consumers: 0 } => " No server is running: start one, or delete the queue if its service is retired.",
            { IsKnown: true, State.ReadyMessages: > 0 } => " The servers do not keep up: start another one, or raise their MaxConcurrentCalls.",
            { IsKnown: true } when Confirm == ConfirmState.Confirmed => " The server was too slow, or it could not reply.",
            { IsKnown: true } => " The server was too slow, or it could not reply. A full queue that refuses messages (x-overflow=reject-publish) looks the same.",
            _ => "",
        };
    }

    private static string Capitalize(string clause) => char.ToUpperInvariant(clause[0]) + clause[1..];
}

/// <summary>What the broker said about a request.</summary>
internal enum ConfirmState
{
    /// <summary>It was published without publisher confirm.</summary>
    NotAsked,

    /// <summary>Nothing, although it was published with publisher confirm.</summary>
    Unconfirmed,

    /// <summary>The broker has it, and so has its queue.</summary>
    Confirmed,
}

/// <summary>Whether a request was sent.</summary>
internal enum SentState
{
    /// <summary>It was never sent.</summary>
    NotSent,

    /// <summary>It was sent.</summary>
    Sent,

    /// <summary>It was sent, then the connection or its server was lost. <see cref="TimeoutReport.IsInFlight"/> says whether it was sent again.</summary>
    Lost,
}
