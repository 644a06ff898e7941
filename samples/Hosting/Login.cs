using RpcGen;

/// <summary>Logging in to the broker with OAuth 2 tokens. The sample itself does not need it.</summary>
internal static class Login
{
    public static void AddBroker(WebApplicationBuilder builder)
    {
        #region token
        builder.Services.AddRpcGen("rabbitmq")
            .UseCredentials(async (services, cancellationToken) =>
            {
                AccessToken token = await services.GetRequiredService<ITokenSource>().GetTokenAsync(cancellationToken);
                return RpcCredentials.FromToken(token.Text, token.ExpiresOn);
            });
        #endregion
    }
}

/// <summary>Gets tokens from an authorization server.</summary>
internal interface ITokenSource
{
    Task<AccessToken> GetTokenAsync(CancellationToken cancellationToken);
}

/// <param name="Text">The token.</param>
/// <param name="ExpiresOn">When it expires.</param>
internal sealed record AccessToken(string Text, DateTimeOffset ExpiresOn);
