namespace RpcGen.Client;

/// <summary>Which calls a <see cref="CallSession"/> accepts.</summary>
internal enum SessionState
{
    /// <summary>All.</summary>
    Open,

    /// <summary>Those that handlers make.</summary>
    Closing,

    /// <summary>None.</summary>
    Closed,
}
