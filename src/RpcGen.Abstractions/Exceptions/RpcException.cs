namespace RpcGen;

/// <summary>
/// The root of everything that RpcGen throws for a call, except the exceptions a contract declares with
/// <see cref="RpcFaultAttribute{TException}"/> and <see cref="OperationCanceledException"/>.
/// </summary>
public abstract class RpcException : Exception
{
    private protected RpcException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
