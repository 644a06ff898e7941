using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace RpcGen.Explorer;

/// <summary>
/// Refuses requests that other sites make a browser send. Requests to the API need a header that other sites cannot set without being asked. Without
/// authorization, the host must be this machine or an address, so that a name of another site that leads here is of no use.
/// </summary>
/// <param name="token">What the header must contain; null if any value will do.</param>
internal sealed class ExplorerGate(string? token)
{
    /// <summary>The header of requests to the API.</summary>
    public const string Header = "X-RpcGen";

    private readonly byte[]? _token = token is null ? null : Encoding.UTF8.GetBytes(token);

    /// <summary>Why a request is refused; null if it is not.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isApi">Whether it is to the API, rather than for a file of the page.</param>
    /// <param name="isAuthorized">Whether the application has authorized it.</param>
    public string? FindRefusal(HttpRequest request, bool isApi, bool isAuthorized) =>
        !isAuthorized && !IsLocal(request.Host.Host) ? $"Without authorization, the explorer answers only on localhost and addresses, not as '{request.Host.Host}'."
        : !isApi ? null
        : IsFromOtherSite(request) ? "The request comes from another site."
        : !HasToken(request.Headers[Header]) ? $"The request has no valid {Header} header."
        : HttpMethods.IsPost(request.Method) && !request.HasJsonContentType() ? "The body must be JSON."
        : null;

    private static bool IsLocal(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase) || IPAddress.TryParse(host.Trim('[', ']'), out _);

    /// <summary>What browsers say about the page that made the request. Other programs say nothing.</summary>
    private static bool IsFromOtherSite(HttpRequest request)
    {
        if (request.Headers["Sec-Fetch-Site"] is [{ } site])
        {
            return site != "same-origin";
        }

        return request.Headers.Origin is [{ } origin] && !(Uri.TryCreate(origin, UriKind.Absolute, out Uri? address) && address.Authority.Equals(request.Host.Value, StringComparison.OrdinalIgnoreCase));
    }

    private bool HasToken(string? value) =>
        value is not null && (_token is null || CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(value), _token));
}
