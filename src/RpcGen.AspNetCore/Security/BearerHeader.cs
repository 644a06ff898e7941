namespace RpcGen.AspNetCore.Security;

/// <summary>Reads and writes <c>Bearer token</c>, as in HTTP's header Authorization (RFC 6750).</summary>
internal static class BearerHeader
{
    private const string Scheme = "Bearer ";

    /// <summary>The token of a value; null if the value has another scheme or no token.</summary>
    public static string? Read(string? value)
    {
        if (value is null || !value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string token = value[Scheme.Length..].Trim();
        return token.Length == 0 ? null : token;
    }

    /// <summary>The value with a token.</summary>
    public static string Write(string token) => Scheme + token;
}
