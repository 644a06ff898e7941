namespace RpcGen.Generators.Model;

/// <summary>How a method's requests are delivered and who can send them, as the attributes of method and contract say.</summary>
internal sealed record DeliveryModel
{
    /// <summary>A method without such attributes.</summary>
    public static DeliveryModel Default { get; } = new();

    public bool IsIdempotent { get; init; }

    public bool IsAtMostOnce { get; init; }

    /// <summary>Whether the caller waits for no reply. Also true for broadcasts.</summary>
    public bool IsOneWay { get; init; }

    /// <summary>Whether the caller of a one-way method waits for the publisher confirm.</summary>
    public bool IsConfirmed { get; init; } = true;

    public bool IsBroadcast { get; init; }

    public bool IsDurable { get; init; }

    /// <summary>Whether calls are long from the start.</summary>
    public bool IsLongRunning { get; init; }

    public byte Priority { get; init; }

    /// <summary>Whether calls can be batched; null if no attribute says so.</summary>
    public bool? CanBatch { get; init; }

    /// <summary>Whether only known callers can call.</summary>
    public bool RequiresAuthentication { get; init; }

    /// <summary>The policies that a call has to satisfy, the contract's before the method's own.</summary>
    public EquatableArray<string> Policies { get; init; }
}
