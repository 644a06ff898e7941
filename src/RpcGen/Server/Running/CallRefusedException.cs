namespace RpcGen.Server.Running;

/// <summary>The call cannot run here for a reason of the server.</summary>
/// <param name="code">The fault's code.</param>
/// <param name="message">The reason, as the caller gets it.</param>
internal sealed class CallRefusedException(string code, string message) : Exception(message)
{
    /// <summary>The fault's code.</summary>
    public string Code { get; } = code;
}
