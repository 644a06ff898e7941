using RpcGen.Connections;
using RpcGen.Diagnostics;
using RpcGen.Runtime;
using RpcGen.Server.Replying;
using RpcGen.Server.Running;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Consuming;

/// <summary>What a server has learned of the broker's limits. One object serves all links of a server. Thread-safe.</summary>
internal sealed class BrokerLimitsOfServer(ServerSettings settings, RpcEnvironment environment)
{
    /// <summary>How long a request can be held.</summary>
    public ConsumerLimit Consumer { get; } = new(settings.ConsumerTimeout, environment.Time);

    /// <summary>How large a reply can be.</summary>
    public MessageLimit Message { get; } = new();

    /// <summary>Replies that were too large.</summary>
    public RefusedReplies Refused { get; } = new(environment, settings.QueueName);

    /// <summary>Learns why a link was lost, before its calls are abandoned.</summary>
    /// <param name="closure">Why it was lost.</param>
    /// <param name="running">How many calls run.</param>
    /// <param name="replies">The link's large replies.</param>
    public void OnLost(TransportClosure closure, int running, LargeReplies replies)
    {
        if (Consumer.TryLearn(closure))
        {
            Log.ConsumerTimedOut(environment.Log, settings.QueueName, Consumer.Current.TotalSeconds, running, Consumer.LongestHold.TotalSeconds);
        }

        if (Message.TryLearn(closure))
        {
            Refused.Add(replies.Above(Message.MaxBytes), Message.MaxBytes);
        }
    }
}
