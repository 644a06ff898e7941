namespace RpcGen;

/// <summary>How often a call can run where it is in doubt whether it did.</summary>
public enum RpcDelivery
{
    /// <summary>At least once: the broker can deliver a request again. The caller of a call in doubt gets an exception.</summary>
    AtLeastOnce = 0,

    /// <summary>The call can run twice without harm: see <see cref="RpcIdempotentAttribute"/>. A call in doubt is sent again.</summary>
    Idempotent = 1,

    /// <summary>At most once: see <see cref="RpcAtMostOnceAttribute"/>.</summary>
    AtMostOnce = 2,
}
