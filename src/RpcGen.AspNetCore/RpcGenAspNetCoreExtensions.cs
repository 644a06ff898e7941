using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using RpcGen;
using RpcGen.AspNetCore.Problems;
using RpcGen.AspNetCore.Security;
using RpcGen.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Connects RpcGen with ASP.NET Core: failed calls with HTTP responses, policies and tokens with calls.</summary>
public static class RpcGenAspNetCoreExtensions
{
    /// <summary>
    /// Answers an HTTP request whose call failed with the status of <see cref="RpcProblem.StatusCode"/> and problem details (RFC 9457). The application must
    /// add the middleware with <c>app.UseExceptionHandler()</c>. Violations have the paths of the request's body. Messages that name queues or hosts are left out.
    /// </summary>
    /// <param name="services">The application's services.</param>
    /// <param name="configure">Changes the options.</param>
    /// <returns>The same services.</returns>
    public static IServiceCollection AddRpcGenProblemDetails(this IServiceCollection services, Action<RpcProblemDetailsOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (configure is not null)
        {
            services.Configure(configure);
        }

        return services.AddProblemDetails().AddExceptionHandler<RpcExceptionHandler>();
    }

    /// <summary>
    /// Has the policies of <c>AddAuthorization</c> decide on <see cref="RpcAuthorizeAttribute"/>, for all services of this broker. Requirement handlers get the
    /// <see cref="RpcCallContext"/> as their resource. The caller is <see cref="RpcCallContext.User"/> if it is authenticated, otherwise a principal
    /// with the name <see cref="RpcCallContext.BrokerUser"/> if the broker has verified one.
    /// </summary>
    /// <remarks>A policy that does not exist fails each call with the code <c>internal</c>.</remarks>
    /// <returns>The same builder.</returns>
    public static RpcGenBuilder AddAspNetCoreAuthorization(this RpcGenBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddAuthorization();
        return builder.AddAuthorizer<AspNetCoreAuthorizer>();
    }

    /// <summary>
    /// Verifies the bearer token that callers send in the metadata, for all services of this broker, before the arguments are read. The principal
    /// becomes <see cref="RpcCallContext.User"/>. A call without a token is anonymous, a call with a token that is refused fails with
    /// <see cref="RpcAccessDeniedException"/>.
    /// </summary>
    /// <param name="builder">The broker.</param>
    /// <param name="configure">Sets <see cref="RpcBearerOptions.Validate"/>. The host's start fails if it is not set.</param>
    /// <returns>The same builder.</returns>
    public static RpcGenBuilder AddBearerAuthentication(this RpcGenBuilder builder, Action<RpcBearerOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        string name = builder.ServiceKey ?? Options.Options.DefaultName;
        builder.Services.AddOptions<RpcBearerOptions>(name)
            .Configure(configure)
            .Validate(options => options.Validate is not null, "AddBearerAuthentication: set Validate to a function that verifies a token. Without one, no token can be trusted.")
            .Validate(options => !string.IsNullOrEmpty(options.MetadataName), "AddBearerAuthentication: MetadataName must not be empty.")
            .ValidateOnStart();
        return builder.AddAuthenticator(services => new BearerAuthenticator(services.GetRequiredService<IOptionsMonitor<RpcBearerOptions>>().Get(name)));
    }

    /// <summary>
    /// Sends the bearer token of the current HTTP request with the calls of this client, in the metadata entry <c>authorization</c>. Calls outside of a
    /// request, and calls whose metadata has the entry, are not changed.
    /// </summary>
    /// <remarks>Each service that gets the token can use it. Send it only to services that can be trusted with the caller's rights.</remarks>
    /// <param name="builder">The client.</param>
    /// <returns>The same builder.</returns>
    public static RpcClientBuilder ForwardBearerToken(this RpcClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddHttpContextAccessor();
        return builder.AddInterceptor(services => new BearerForwarding(services.GetRequiredService<IHttpContextAccessor>()));
    }
}
