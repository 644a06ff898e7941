namespace RpcGen;

/// <summary>Settings of <c>AddRpcGenProblemDetails</c>. Not thread-safe: set them while the application is being built.</summary>
public sealed class RpcProblemDetailsOptions
{
    /// <summary>Statuses of declared faults by their code, in place of <see cref="RpcFaultAttribute{TException}.HttpStatus"/>. Default: empty.</summary>
    public IDictionary<string, int> FaultStatusCodes { get; } = new Dictionary<string, int>(StringComparer.Ordinal);

    /// <summary>
    /// Turns the path of a violation, such as <c>order.lines[2].quantity</c>, into one of the HTTP request's body. Default: null, which leaves out the
    /// parameter's name: <c>lines[2].quantity</c>. A path without more than that name stays as it is.
    /// </summary>
    public Func<string, string>? MapPath { get; set; }

    /// <summary>
    /// Whether violations become status 400 with all paths. Set it to false if the application makes the arguments of its calls by itself: then they are
    /// its own errors, and become status 500 without paths. Default: true.
    /// </summary>
    public bool MapValidation { get; set; } = true;

    /// <summary>
    /// The header <c>WWW-Authenticate</c> of responses with status 401, which HTTP requires (RFC 9110, section 15.5.2): how the HTTP client can say who it is.
    /// A header that the application has set stays. Default: <c>Bearer</c>.
    /// </summary>
    public string Challenge { get; set; } = "Bearer";
}
