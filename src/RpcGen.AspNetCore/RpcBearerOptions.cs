using System.Security.Claims;

namespace RpcGen;

/// <summary>Settings of <c>AddBearerAuthentication</c>. Not thread-safe: set them while the application is being built.</summary>
public sealed class RpcBearerOptions
{
    /// <summary>The name of the metadata entry with the token: <c>Bearer</c>, a space, the token. Default: <c>authorization</c>.</summary>
    public string MetadataName { get; set; } = "authorization";

    /// <summary>
    /// Verifies a token, and returns its caller; null refuses the call. The principal must be authenticated, otherwise the call is refused too. Must be
    /// set. Several threads can call it at the same time.
    /// </summary>
    /// <remarks>
    /// Anyone who can read a queue can see the tokens of its requests. Check that the token's audience is this service, so that another service
    /// cannot use tokens that it got from its own callers.
    /// </remarks>
    public Func<string, CancellationToken, ValueTask<ClaimsPrincipal?>>? Validate { get; set; }
}
