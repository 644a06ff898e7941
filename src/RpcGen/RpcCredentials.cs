namespace RpcGen;

/// <summary>A login for the broker. Immutable. <see cref="ToString"/> shows no secret.</summary>
public sealed class RpcCredentials
{
    /// <summary>Creates a login.</summary>
    /// <param name="userName">The user. It can be empty with a token, because the token names the user.</param>
    /// <param name="password">The password or token.</param>
    public RpcCredentials(string userName, string password)
    {
        ArgumentNullException.ThrowIfNull(userName);
        ArgumentNullException.ThrowIfNull(password);
        UserName = userName;
        Password = password;
    }

    /// <summary>The user.</summary>
    public string UserName { get; }

    /// <summary>The password or token. Never shown in messages or logs.</summary>
    public string Password { get; }

    /// <summary>
    /// When the password or token expires. New credentials are requested after four fifths of the time until then, and are passed
    /// to open connections. Default: null, it does not expire or the time is unknown.
    /// </summary>
    public DateTimeOffset? ValidUntil { get; init; }

    /// <summary>Creates a login with an OAuth 2 access token, for RabbitMQ's plugin <c>rabbitmq_auth_backend_oauth2</c>.</summary>
    /// <param name="accessToken">The token, which names the user.</param>
    /// <param name="validUntil">When the token expires; null if that is unknown.</param>
    public static RpcCredentials FromToken(string accessToken, DateTimeOffset? validUntil = null) => new("", accessToken) { ValidUntil = validUntil };

    /// <summary>The user; not the password.</summary>
    public override string ToString() => UserName;
}
