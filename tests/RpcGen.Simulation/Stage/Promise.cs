namespace RpcGen.Simulation.Stage;

/// <summary>What a method promises, one for each method of <see cref="IWorkshop"/> without streams.</summary>
internal enum Promise
{
    Plain,
    Idempotent,
    AtMostOnce,
    Batched,
    Durable,
    Long,
    LongIdempotent,
    LongAtMostOnce,
    OneWay,
    Unconfirmed,
    OneWayIdempotent,
    OneWayAtMostOnce,
    OneWayDurable,
    Broadcast,
    BroadcastIdempotent,
}

/// <summary>What follows from a promise.</summary>
internal static class Promises
{
    /// <summary>All but long calls, which are made by callers of their own.</summary>
    public static readonly Promise[] All = [.. Enum.GetValues<Promise>().Where(static promise => !promise.IsLong())];

    /// <summary>Whether it is long from the start.</summary>
    public static bool IsLong(this Promise promise) => promise is Promise.Long or Promise.LongIdempotent or Promise.LongAtMostOnce;

    /// <summary>Whether its caller waits for an answer.</summary>
    public static bool HasAnswer(this Promise promise) => promise < Promise.OneWay;

    /// <summary>Whether every instance gets it.</summary>
    public static bool IsBroadcast(this Promise promise) => promise >= Promise.Broadcast;

    /// <summary>Whether it must not run twice.</summary>
    public static bool IsAtMostOnce(this Promise promise) => promise is Promise.AtMostOnce or Promise.OneWayAtMostOnce or Promise.LongAtMostOnce;

    /// <summary>Whether its client sends it again after a loss.</summary>
    public static bool IsIdempotent(this Promise promise) => promise is Promise.Idempotent or Promise.OneWayIdempotent or Promise.BroadcastIdempotent or Promise.LongIdempotent;

    /// <summary>Calls a method. The task of one with an answer is a <see cref="Task{String}"/>.</summary>
    public static Task CallAsync(this IWorkshop client, Promise promise, long call, string text, CancellationToken cancellationToken) => promise switch
    {
        Promise.Plain => client.DoAsync(call, text, cancellationToken),
        Promise.Idempotent => client.DoIdempotentlyAsync(call, text, cancellationToken),
        Promise.AtMostOnce => client.DoOnceAsync(call, text, cancellationToken),
        Promise.Batched => client.DoTogetherAsync(call, text, cancellationToken),
        Promise.Durable => client.DoDurablyAsync(call, text, cancellationToken),
        Promise.Long => client.DoLongAsync(call, text, cancellationToken),
        Promise.LongIdempotent => client.DoLongIdempotentlyAsync(call, text, cancellationToken),
        Promise.LongAtMostOnce => client.DoLongOnceAsync(call, text, cancellationToken),
        Promise.OneWay => client.SendAsync(call, text, cancellationToken),
        Promise.Unconfirmed => client.TossAsync(call, text, cancellationToken),
        Promise.OneWayIdempotent => client.SendIdempotentlyAsync(call, text, cancellationToken),
        Promise.OneWayAtMostOnce => client.SendOnceAsync(call, text, cancellationToken),
        Promise.OneWayDurable => client.SendDurablyAsync(call, text, cancellationToken),
        Promise.Broadcast => client.AnnounceAsync(call, text, cancellationToken),
        _ => client.AnnounceIdempotentlyAsync(call, text, cancellationToken),
    };
}
