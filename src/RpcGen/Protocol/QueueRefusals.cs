using System.Text.RegularExpressions;

namespace RpcGen.Protocol;

/// <summary>Explains why a broker refuses to declare a queue or exchange. RabbitMQ's reply codes do not tell the cases apart: its texts do.</summary>
internal static partial class QueueRefusals
{
    /// <summary>Why a queue cannot be declared and what to do, as a clause for messages; null if the broker's text is not about a limit.</summary>
    public static string? DescribeLimit(string reason) => Limit().Match(reason) switch
    {
        { Success: true } ofVirtualHost =>
            $"the virtual host '{ofVirtualHost.Groups["vhost"]}' has reached its maximum number of queues ({ofVirtualHost.Groups["limit"]}); delete some or raise its limit " +
            $"(rabbitmqctl set_vhost_limits -p {ofVirtualHost.Groups["vhost"]} '{{\"max-queues\": …}}') ({reason})",
        _ when ClusterLimit().Match(reason) is { Success: true } ofCluster =>
            $"the broker has reached its maximum number of queues ({ofCluster.Groups["limit"]}); delete some or raise cluster_queue_limit in its configuration ({reason})",
        _ => null,
    };

    /// <summary>Which deprecated feature the broker does not permit, and what to do, as a clause for messages; null if it is not about that.</summary>
    public static string? DescribeDenied(string reason) => Deprecated().Match(reason) switch
    {
        { Success: true } denied when denied.Groups["feature"].Value == "transient_nonexcl_queues" =>
            "the broker does not permit queues that are neither durable nor exclusive; set another QueueType than NonDurable, " +
            "or permit them in the broker's configuration (deprecated_features.permit.transient_nonexcl_queues = true)",
        { Success: true } denied =>
            $"the broker does not permit the deprecated feature {denied.Groups["feature"]}; permit it in its configuration (deprecated_features.permit.{denied.Groups["feature"]} = true)",
        _ => null,
    };

    /// <summary>The property in which an existing queue or exchange differs, and what to do, as sentences for messages; null if the broker's text is not about that.</summary>
    public static string? DescribeDifference(string reason)
    {
        if (Difference().Match(reason) is not { Success: true } difference)
        {
            return null;
        }

        string property = difference.Groups["property"].Value;
        string current = ValueOf(difference.Groups["current"].Value);
        string kind = difference.Groups["kind"].Value;
        return $"the {kind} '{difference.Groups["name"]}' exists, and its {property} is {Shown(current)} instead of {Shown(ValueOf(difference.Groups["received"].Value))}. {Remedy(kind, property, current)}";
    }

    private static string Remedy(string kind, string property, string current)
    {
        const string otherwise = "serve the queue as it is (RpcServerOptions.UseExistingQueue), delete it, or choose another Queue.";
        return (kind, property, current) switch
        {
            ("exchange", _, _) => "Delete the exchange, or choose another Queue.",
            (_, "x-queue-type", "quorum") => $"Set QueueType to Quorum, or {otherwise}",
            (_, "x-queue-type", "classic") => $"Set QueueType to Classic, or {otherwise}",
            (_, "durable", "false") => $"Set QueueType to NonDurable, or {otherwise}",
            (_, "durable", "true") => $"Set QueueType to Classic or Quorum, or {otherwise}",
            (_, "x-max-priority", "none") => $"Remove MaxPriority, or {otherwise}",
            (_, "x-max-priority", _) => $"Set MaxPriority to {current}, or {otherwise}",
            (_, "x-expires", "none") => $"Remove QueueExpiresAfter, set 'expires' by a policy, or {otherwise}",
            (_, "x-expires", _) => $"Set QueueExpiresAfter to {current} ms, or {otherwise}",
            (_, not ("exclusive" or "auto_delete" or "x-queue-type"), _) => $"Set {property[(property.StartsWith("x-", StringComparison.Ordinal) ? 2 : 0)..]} by a policy instead of an argument of the queue, or {otherwise}",
            _ => $"To continue, {otherwise}",
        };
    }

    /// <summary>RabbitMQ writes <c>'true'</c>, <c>none</c>, or <c>the value 'quorum' of type 'longstr'</c>.</summary>
    private static string ValueOf(string text) => Quoted().Match(text) is { Success: true } quoted ? quoted.Groups["value"].Value : text;

    private static string Shown(string value) => value == "none" ? value : $"'{value}'";

    [GeneratedRegex(@"queue limit in vhost '(?<vhost>.*)' \((?<limit>\d+)\) is reached", RegexOptions.Singleline)]
    private static partial Regex Limit();

    [GeneratedRegex(@"queue limit in cluster \((?<limit>\d+)\) is reached", RegexOptions.Singleline)]
    private static partial Regex ClusterLimit();

    [GeneratedRegex(@"Feature `(?<feature>\w+)` is deprecated", RegexOptions.Singleline)]
    private static partial Regex Deprecated();

    [GeneratedRegex(@"inequivalent arg '(?<property>[^']*)' for (?<kind>queue|exchange) '(?<name>.*)' in vhost '.*': received (?<received>.*) but current is (?<current>.*)", RegexOptions.Singleline)]
    private static partial Regex Difference();

    [GeneratedRegex("'(?<value>[^']*)'")]
    private static partial Regex Quoted();
}
