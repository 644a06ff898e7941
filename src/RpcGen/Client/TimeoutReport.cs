using System.Globalization;
using System.Text;

namespace RpcGen.Client;

/// <summary>Says why a call missed its deadline, as far as is known.</summary>
internal sealed record TimeoutReport(string Method, string? CallId, string QueueName, string Broker, TimeSpan Timeout)
{
    /// <summary>Why there is no connection; null where there is one.</summary>
    public string? Trouble { get; init; }

    /// <summary>Why the broker takes no messages; null where it does.</summary>
    public string? BlockedReason { get; init; }

    /// <summary>What is known of the queue; null where nobody looked.</summary>
    public QueueReport? Queue { get; init; }

    /// <summary>Whether the request most likely waits in its queue.</summary>
    private bool IsUnread => Queue is { IsKnown: true, State: { Consumers: 0, ReadyMessages: > 0 } };

    /// <param name="wasSent">Whether it was on its way when its time was up.</param>
    /// <param name="wasLost">Whether it was on its way before, when the connection was lost.</param>
    public string Describe(bool wasSent, bool wasLost)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"'{Method}' (call {CallId}) got no reply from queue '{QueueName}' on {Broker} within {Timeout.TotalSeconds:0.###} s. ");
        text.Append(wasLost ? "The request was sent, then the connection was lost, and sending it again did not bring an answer: it may have run and may still run. " : !wasSent ? "The request was not sent. " : IsUnread ? "The request was sent. " : "The request was sent: it may have run and may still run. ");
        if (Trouble is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"There is no connection: {Trouble}. ");
        }
        else if (BlockedReason is not null)
        {
            text.Append(CultureInfo.InvariantCulture, $"The broker blocks publishers: {BlockedReason}. ");
        }

        if (wasSent && Trouble is null)
        {
            text.Append(Explain());
        }

        return text.ToString().TrimEnd();
    }

    private string Explain()
    {
        string state = Queue is null ? $"The state of queue '{QueueName}' is unknown." : Capitalize(Queue.Describe(QueueName)) + ".";
        return state + Queue switch
        {
            { IsKnown: true, Exists: false } => " It was deleted meanwhile, or its server has gone.",
            { IsKnown: true, State.Consumers: 0 } => " No server is running: start one.",
            { IsKnown: true, State.ReadyMessages: > 0 } => " The servers do not keep up: start another one, or raise their MaxConcurrentCalls.",
            { IsKnown: true } => " The server was too slow, or it could not answer; a full queue that refuses messages (x-overflow=reject-publish) would look the same.",
            _ => "",
        };
    }

    private static string Capitalize(string clause) => char.ToUpperInvariant(clause[0]) + clause[1..];
}
