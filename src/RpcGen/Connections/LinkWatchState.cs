namespace RpcGen.Connections;

/// <summary>The states of a <see cref="LinkWatch"/>.</summary>
internal enum LinkWatchState
{
    /// <summary>Something arrived lately, or nothing is awaited.</summary>
    Quiet,

    /// <summary>Something is overdue: the broker was asked a question.</summary>
    Asking,

    /// <summary>The question is not answered either: a second connection is being opened.</summary>
    Checking,

    /// <summary>A second connection was answered: the broker works, but this connection is held up.</summary>
    HeldUp,

    /// <summary>The connection was dead and was cut. Final.</summary>
    Cut,
}

/// <summary>The legal moves of a <see cref="LinkWatch"/>.</summary>
internal static class LinkWatchMoves
{
    public static bool IsLegal(LinkWatchState from, LinkWatchState to) => (from, to) is
        (LinkWatchState.Quiet, LinkWatchState.Asking or LinkWatchState.Cut) or
        (LinkWatchState.Asking, LinkWatchState.Quiet or LinkWatchState.Checking or LinkWatchState.Cut) or
        (LinkWatchState.Checking, LinkWatchState.Quiet or LinkWatchState.HeldUp or LinkWatchState.Cut) or
        (LinkWatchState.HeldUp, LinkWatchState.Quiet or LinkWatchState.Checking or LinkWatchState.Cut);
}
