namespace RpcGen;

/// <summary>
/// Declares an exception that a method can throw to its caller. The caller gets the same type, rebuilt by generated code with
/// its message and its own public members. If several declarations match, the most derived type wins. A method's
/// declaration overrides the contract's.
/// </summary>
/// <typeparam name="TException">The exception.</typeparam>
/// <param name="code">
/// The fault's name on the wire, 1 to 255 UTF-8 bytes, unique within the method. RpcGen's own codes are reserved:
/// <c>validation</c>, <c>protocol</c>, <c>too-large</c>, <c>unknown-method</c>, <c>unsupported</c>, <c>unauthenticated</c>,
/// <c>permission-denied</c>, <c>unavailable</c>, <c>overloaded</c>, <c>interrupted</c>, <c>internal</c>,
/// <c>result-too-large</c>, <c>timeout</c>, <c>cancelled</c>.
/// </param>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Method, AllowMultiple = true, Inherited = false)]
public sealed class RpcFaultAttribute<TException>(string code) : Attribute
    where TException : Exception
{
    /// <summary>The fault's name on the wire.</summary>
    public string Code { get; } = code;

    /// <summary>
    /// The status of HTTP responses when a web application's call ended with this fault, 400 to 599: see <c>AddRpcGenProblemDetails</c> of the
    /// package RpcGen.AspNetCore. It is not sent, and other values count as the default. Default: 422.
    /// </summary>
    public int HttpStatus { get; set; } = 422;
}
