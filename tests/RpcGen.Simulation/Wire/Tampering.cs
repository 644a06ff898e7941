using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>
/// What goes wrong on the wire though no broker does such things: bugs that are planted to see whether the checks find
/// them. By itself it does nothing.
/// </summary>
internal sealed class Tampering(SimRandom random, string? bug)
{
    /// <summary>The probability in percent with which a bug strikes that does not always strike.</summary>
    private const int Often = 3;

    /// <summary>Deliveries are acknowledged when they arrive, and not again when their calls have ended.</summary>
    public bool AcknowledgesEarly => bug == "acknowledge-on-arrival";

    /// <summary>Messages that were delivered before come without the flag that says so.</summary>
    public bool HidesRedelivery => bug == "hide-redelivery";

    /// <summary>Processes believe that each redelivery says that it is one, although the broker hides that.</summary>
    public bool ClaimsMarks => bug == "trust-missing-marks";

    /// <summary>Whether a delivery is acknowledged already.</summary>
    public bool HasAcknowledged(ulong deliveryTag) => AcknowledgesEarly && deliveryTag > 0;

    /// <summary>Whether a message is really sent.</summary>
    public bool Sends(in OutgoingMessage message) => bug switch
    {
        "lose-requests" => message.ReplyTo is null || !random.Percent(Often),
        "lose-replies" => message.ReplyTo is not null || !message.RoutingKey.StartsWith("rpc.", StringComparison.Ordinal) || !random.Percent(Often),
        "lose-confirmed" => message.ReplyTo is not null || message.Type is null || !random.Percent(Often),
        "lose-items" => message.Type is not ("item" or "item:pieces") || !random.Percent(Often),
        "lose-grants" => message.Type?.StartsWith("grant", StringComparison.Ordinal) != true || !random.Percent(Often),
        _ => true,
    };

    /// <summary>Whether a returned message does not come back to its sender.</summary>
    public bool DropsReturn() => bug == "drop-returns";

    /// <summary>Whether a delivery comes twice, as if it were another message.</summary>
    public bool DeliversTwice() => bug == "deliver-twice" && random.Percent(Often);

    /// <summary>Whether a timer fires.</summary>
    public bool Fires() => bug != "forget-timers" || !random.Percent(Often);
}
