namespace RpcGen;

/// <summary>
/// Declares an exception that a method may throw to its caller: the same type arrives there, rebuilt by generated code
/// with its message and its own public members. Of several that match, the most derived wins, method before contract.
/// </summary>
/// <typeparam name="TException">The exception that travels.</typeparam>
/// <param name="code">
/// Its name on the wire, unique within the method and none of the reserved <c>validation</c>, <c>protocol</c>,
/// <c>unknown-method</c>, <c>unsupported</c>, <c>unavailable</c>, <c>internal</c>, <c>timeout</c>, <c>cancelled</c>.
/// </param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class RpcFaultAttribute<TException>(string code) : Attribute
    where TException : Exception
{
    /// <summary>The fault's name on the wire.</summary>
    public string Code { get; } = code;
}
