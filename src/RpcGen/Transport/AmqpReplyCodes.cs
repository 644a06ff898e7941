namespace RpcGen.Transport;

/// <summary>The reply codes of AMQP 0-9-1 (section 1.2, "Reply Codes") that RpcGen tells apart or sends.</summary>
internal static class AmqpReplyCodes
{
    /// <summary>A mandatory message could not be routed.</summary>
    public const ushort NoRoute = 312;

    /// <summary>An operator closed the connection.</summary>
    public const ushort ConnectionForced = 320;

    /// <summary>The user lacks a permission.</summary>
    public const ushort AccessRefused = 403;

    /// <summary>A queue or exchange does not exist.</summary>
    public const ushort NotFound = 404;

    /// <summary>A queue is exclusive to another connection.</summary>
    public const ushort ResourceLocked = 405;

    /// <summary>A declaration differs from what exists, or a message breaks a rule of the broker.</summary>
    public const ushort PreconditionFailed = 406;

    /// <summary>The first of the codes for frames that break the protocol.</summary>
    public const ushort FrameError = 501;

    /// <summary>The last of them.</summary>
    public const ushort UnexpectedFrame = 505;

    /// <summary>The broker failed.</summary>
    public const ushort InternalError = 541;
}
