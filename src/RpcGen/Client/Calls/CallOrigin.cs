namespace RpcGen.Client.Calls;

/// <summary>Who makes a call.</summary>
internal enum CallOrigin
{
    /// <summary>The application, outside of handlers.</summary>
    Application,

    /// <summary>A handler of another contract. Calls of handlers can end while everything else is disposed.</summary>
    Handler,

    /// <summary>A handler of the same contract. It holds a place of its server until it has the reply.</summary>
    OwnService,
}

/// <summary>Finds out who makes a call.</summary>
internal static class CallOrigins
{
    /// <summary>Who makes a call of the method, on the current flow of execution.</summary>
    public static CallOrigin Of(RpcMethod method) =>
        RpcCallContext.Current is not { } handling ? CallOrigin.Application
        : handling.Method.Contract == method.Contract ? CallOrigin.OwnService
        : CallOrigin.Handler;
}
