using System.Security.Claims;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace RpcGen.Tests.AspNetCore;

/// <summary>Verifies tokens, for example with <c>JsonWebTokenHandler</c>.</summary>
public interface ITokens
{
    /// <summary>Verifies signature, lifetime, issuer and audience; null if one of them is wrong.</summary>
    ValueTask<ClaimsPrincipal?> VerifyAsync(string token, string audience, CancellationToken cancellationToken);
}

/// <summary>The code of docs/aspnetcore.md.</summary>
internal static class AspNetCoreExamples
{
    public static void AddWeb(WebApplicationBuilder builder)
    {
        #region web
        builder.Services.AddRpcGenProblemDetails();
        builder.Services.AddRpcGen("amqp://localhost")
            .AddClient<IDoor>()
            .ForwardBearerToken();
        #endregion
    }

    public static void Use(WebApplication app)
    {
        #region use
        app.UseExceptionHandler();
        app.MapPost("/orders", (DoorOrder order, IDoor door, CancellationToken cancellationToken) => door.OrderAsync(order, 1, cancellationToken));
        #endregion
    }

    public static void MapDocuments(WebApplication app)
    {
        #region asyncapi
        app.MapRpcGenAsyncApi("/asyncapi.json").RequireAuthorization();
        #endregion
    }

    public static void MapExplorer(WebApplication app)
    {
        #region explorer
        app.MapRpcGenExplorer("/rpcgen", options => options.Queues.Add("Shop.Orders")).RequireAuthorization("operator");
        #endregion
    }

    public static void AddService(WebApplicationBuilder builder, ITokens tokens)
    {
        #region service
        builder.Services.AddAuthorization(options => options.AddPolicy("clerk", policy => policy.RequireClaim("role", "clerk")));
        builder.Services.AddRpcGen("amqp://localhost")
            .AddService<IDoor, Door>()
            .AddBearerAuthentication(options => options.Validate = (token, cancellationToken) => tokens.VerifyAsync(token, audience: "Shop.Door", cancellationToken))
            .AddAspNetCoreAuthorization();
        #endregion
    }
}
