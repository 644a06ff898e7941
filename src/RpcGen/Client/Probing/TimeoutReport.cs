using System.Globalization;
using System.Text;

namespace RpcGen.Client.Probing;

/// <summary>Says why a call missed its deadline, as far as is known.</summary>
/// <param name="Call">The call as messages name it.</param>
/// <param name="QueueName">The service's request queue.</param>
/// <param name="Broker">The broker's address without credentials, for messages.</param>
/// <param name="Timeout">The time that the call had.</param>
internal sealed record TimeoutReport(string Call, string QueueName, string Broker, TimeSpan Timeout)
{
    /// <summary>Whether the request was sent.</summary>
    public SentState Sent { get; init; }

    /// <summary>Whether the latest attempt was on an open link at the deadline.</summary>
    public bool IsInFlight { get; init; }

    /// <summary>Why there is no connection, as a clause; null if there is one.</summary>
    public string? UnavailableReason { get; init; }

    /// <summary>Why the broker blocks publishers, as a clause; null if it does not.</summary>
    public string? BlockedReason { get; init; }

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
            _ when IsUnread => "The request was sent.",
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

        return text.ToString();
    }

    private string Explain()
    {
        string state = Queue is null ? $"The state of queue '{QueueName}' is unknown." : Capitalize(Queue.Describe(QueueName)) + ".";
        return state + Queue switch
        {
            { IsKnown: true, Exists: false } => " It was deleted meanwhile, or its server has gone.",
            { IsKnown: true, State.Consumers: 0 } => " No server is running: start one.",
            { IsKnown: true, State.ReadyMessages: > 0 } => " The servers do not keep up: start another one, or raise their MaxConcurrentCalls.",
            { IsKnown: true } => " The server was too slow, or it could not reply. A full queue that refuses messages (x-overflow=reject-publish) looks the same.",
            _ => "",
        };
    }

    private static string Capitalize(string clause) => char.ToUpperInvariant(clause[0]) + clause[1..];
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
