namespace RpcGen;

/// <summary>The state of an <see cref="RpcConnection"/>, as far as is known.</summary>
public enum RpcConnectionState
{
    /// <summary>There is no connection for calls, and attempts to open one go on. Calls wait within their time limits.</summary>
    Connecting = 0,

    /// <summary>Calls can be sent.</summary>
    Connected = 1,

    /// <summary>Connected, but the broker blocks publishers because it is short of memory or disk space. Calls wait within their time limits.</summary>
    Blocked = 2,

    /// <summary>The connection was disposed. Calls fail.</summary>
    Closed = 3,
}
