namespace RpcGen.Transport;

/// <summary>A user with a secret. A class rather than a record, because a record would print the secret.</summary>
internal sealed class Login(string userName, string secret)
{
    /// <summary>The user; empty if a token names it.</summary>
    public string UserName { get; } = userName;

    /// <summary>The password or token.</summary>
    public string Secret { get; } = secret;

    /// <summary>Until when the secret is valid; null if unknown.</summary>
    public DateTimeOffset? ValidUntil { get; init; }
}
