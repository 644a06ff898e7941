using System.Security.Claims;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Shop;

/// <summary>
/// Signs and verifies tokens of end users with a common key. An identity provider would sign them instead, and services would verify them with its public key.
/// </summary>
internal sealed class Tokens(byte[] key)
{
    /// <summary>The service that a token is for. Another service must not accept it.</summary>
    public const string Inventory = "Shop.Inventory";

    private const string Issuer = "Shop.Web";

    private readonly JsonWebTokenHandler _handler = new();
    private readonly SymmetricSecurityKey _key = new(key);

    /// <summary>The programs of the shop have the same key.</summary>
    public static Tokens Read(IConfiguration configuration) => new(Convert.FromBase64String(
        configuration["Tokens:Key"] ?? throw new InvalidOperationException("Set the environment variable Tokens__Key to the same 32 bytes in Base64 for all programs of the shop.")));

    public string Create(string name, string role, string audience) => _handler.CreateToken(new SecurityTokenDescriptor
    {
        Issuer = Issuer,
        Audience = audience,
        Claims = new Dictionary<string, object> { ["name"] = name, ["role"] = role },
        Expires = DateTime.UtcNow.AddHours(1),
        SigningCredentials = new SigningCredentials(_key, SecurityAlgorithms.HmacSha256),
    });

    public async ValueTask<ClaimsPrincipal?> VerifyAsync(string token, string audience)
    {
        TokenValidationResult result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = Issuer,
            ValidAudience = audience,
            IssuerSigningKey = _key,
            NameClaimType = "name",
        });
        return result.IsValid ? new ClaimsPrincipal(result.ClaimsIdentity) : null;
    }
}
