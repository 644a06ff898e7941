namespace RpcGen.Server.Running;

/// <content>How a call is given up, and what one that takes long has besides.</content>
internal sealed partial class ServerCall
{
    private ILongCall? _long;

    /// <summary>Where the call has its place; null for a call without one.</summary>
    public ICallPlaces? Places { get; init; }

    /// <summary>The call as a long one; null as long as it is a call like others. A call that is being answered has one that was never long.</summary>
    public ILongCall? Long => Volatile.Read(ref _long);

    /// <summary>Whether the call has given its place back although it runs. Accessed by the scheduler under its lock.</summary>
    public bool HasLeftPlace { get; set; }

    /// <summary>Makes the call long. False if it is long already, or is being answered like others: its caller must not be told two ways to its outcome.</summary>
    public bool TryBecomeLong(ILongCall created) => Interlocked.CompareExchange(ref _long, created, null) is null;

    /// <summary>The call is about to be answered. Unless it is long, it does not become long any more.</summary>
    /// <returns>The long call that was taken over, and is answered as such; null for a call that is answered like others.</returns>
    public ILongCall? BeginAnswer() => Interlocked.CompareExchange(ref _long, AnsweredCall.Instance, null) is { } taken && !taken.TryWithdraw() ? taken : null;

    /// <summary>Fires the handler's token, if it exists already.</summary>
    public void FireToken()
    {
        lock (_gate)
        {
            _context?.Cancel();
        }
    }

    /// <summary>
    /// Gives the call up: fires the handler's token, and no reply is sent. The broker gives the request to another server, unless
    /// it was acknowledged early because the method runs at most once.
    /// </summary>
    public void Abandon()
    {
        lock (_gate)
        {
            _isAbandoned = true;
            _context?.Cancel();
        }
    }

    /// <summary>Gives the call up, as <see cref="Abandon"/> does. False if it was taken over, and so does not depend on its channel.</summary>
    public bool TryAbandon()
    {
        if (Long is { } taken && !taken.TryWithdraw())
        {
            return false;
        }

        Abandon();
        return true;
    }

    /// <summary>The call has ended. For the scheduler, under its lock.</summary>
    /// <returns>Whether it was taken over: its delivery had been detached.</returns>
    public bool EndLong()
    {
        if (Long is not { } ended)
        {
            return false;
        }

        Volatile.Write(ref _long, null);
        HasLeftPlace = false;
        ended.End();
        return ended.IsAdopted;
    }
}

/// <summary>The places of running calls.</summary>
internal interface ICallPlaces
{
    /// <summary>A call that was taken over gives its place back, although it runs. Does nothing if it has ended.</summary>
    void Leave(ServerCall call, ILongCall taken);
}
