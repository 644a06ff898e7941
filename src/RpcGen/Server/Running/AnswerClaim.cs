namespace RpcGen.Server.Running;

/// <summary>
/// Who answers a call: the thread that runs it, or <see cref="HeldCalls"/>, which gives up calls that are held for too long.
/// The first one to claim the answer gives it. Thread-safe.
/// </summary>
internal sealed class AnswerClaim
{
    private static readonly Task ByRunner = Task.CompletedTask;
    private Task? _claim;

    /// <summary>Completes when the call that was given up is answered and its delivery is settled; null if the call was not given up.</summary>
    public Task? GivenUp => Volatile.Read(ref _claim) is { } claim && claim != ByRunner ? claim : null;

    /// <summary>Claims the answer for the thread that runs the call. False if the call was given up.</summary>
    public bool TryTake() => Interlocked.CompareExchange(ref _claim, ByRunner, null) is null;

    /// <summary>Gives the call up. False if it is being answered.</summary>
    /// <param name="settled">Completes when it is answered. The call's delivery is not reused before.</param>
    public bool TryGiveUp(Task settled) => Interlocked.CompareExchange(ref _claim, settled, null) is null;

    /// <summary>Starts the next use of this object.</summary>
    public void Reset() => Volatile.Write(ref _claim, null);
}
