using System.Security.Claims;

namespace RpcGen.AspNetCore.Security;

/// <summary>Verifies the bearer token in a call's metadata. Thread-safe.</summary>
internal sealed class BearerAuthenticator(RpcBearerOptions options) : IRpcAuthenticator
{
    private readonly string _name = options.MetadataName;
    private readonly Func<string, CancellationToken, ValueTask<ClaimsPrincipal?>> _validate = options.Validate!;

    /// <inheritdoc/>
    public async ValueTask<ClaimsPrincipal?> AuthenticateAsync(RpcCallContext context)
    {
        if (BearerHeader.Read(context.Metadata.GetValueOrDefault(_name)) is not { } token)
        {
            return null; // an anonymous caller: methods without policies are open to it
        }

        ClaimsPrincipal? user = await _validate(token, context.CancellationToken).ConfigureAwait(false);
        return user is not null && user.Identities.Any(identity => identity.IsAuthenticated)
            ? user
            : throw new RpcAccessDeniedException("The bearer token was refused.") { IsUnauthenticated = true };
    }
}
