namespace RpcGen.Connections;

/// <summary>The states of a <see cref="Supervisor{T}"/>. <see cref="SupervisorMoves.IsLegal"/> has the legal moves.</summary>
internal enum SupervisorState
{
    /// <summary>Nothing is open, and nothing is being opened.</summary>
    Idle,

    /// <summary>The object is being opened for the first time.</summary>
    Opening,

    /// <summary>The object is open.</summary>
    Open,

    /// <summary>The object was lost and is being reopened.</summary>
    Reopening,

    /// <summary>The supervisor was disposed, and nothing is open. Final.</summary>
    Closed,
}

/// <summary>The legal moves of a <see cref="Supervisor{T}"/>.</summary>
internal static class SupervisorMoves
{
    /// <summary>Whether a supervisor can move from one state to another.</summary>
    public static bool IsLegal(SupervisorState from, SupervisorState to) => (from, to) is
        (SupervisorState.Idle, SupervisorState.Opening or SupervisorState.Closed) or
        (SupervisorState.Opening, SupervisorState.Open or SupervisorState.Idle or SupervisorState.Closed) or
        (SupervisorState.Open, SupervisorState.Reopening or SupervisorState.Closed) or
        (SupervisorState.Reopening, SupervisorState.Open or SupervisorState.Closed);
}
