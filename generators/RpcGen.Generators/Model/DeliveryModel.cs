namespace RpcGen.Generators.Model;

/// <summary>How a method's requests travel, and who may call it: what the attributes of method and contract come to.</summary>
internal sealed record DeliveryModel
{
    /// <summary>What a method is that has no such attribute.</summary>
    public static DeliveryModel Default { get; } = new();

    public bool IsIdempotent { get; init; }

    public bool IsAtMostOnce { get; init; }

    /// <summary>Whether the caller waits for no reply; true for broadcasts too.</summary>
    public bool IsOneWay { get; init; }

    /// <summary>Whether the caller of a one-way method waits for the broker's word.</summary>
    public bool IsConfirmed { get; init; } = true;

    public bool IsBroadcast { get; init; }

    public bool IsDurable { get; init; }

    public byte Priority { get; init; }

    /// <summary>Whether calls can share a message with others; null where no attribute says so.</summary>
    public bool? CanBatch { get; init; }

    /// <summary>The policies that a call has to satisfy, the contract's before the method's own.</summary>
    public EquatableArray<string> Policies { get; init; }
}
