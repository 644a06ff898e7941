using RpcGen;

namespace Shop;

/// <summary>Sends the tenant with each call. It comes from the HTTP request, or from the call that is being handled.</summary>
internal sealed class SendTenant(IHttpContextAccessor http) : IRpcClientInterceptor
{
    public const string Name = "tenant";

    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        string? tenant = http.HttpContext?.Request.Headers["X-Tenant"].FirstOrDefault() ?? RpcCallContext.Current?.Metadata.GetValueOrDefault(Name);
        if (tenant is not null)
        {
            call.Metadata[Name] = tenant;
        }

        return next(call);
    }
}

/// <summary>Refuses calls without a tenant.</summary>
internal sealed class RequireTenant : IRpcServerInterceptor
{
    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcServerCall<TArguments> call, RpcServerNext<TArguments, TResult> next)
        where TArguments : struct =>
        call.Context.Metadata.ContainsKey(SendTenant.Name)
            ? next(call)
            : throw new RpcAccessDeniedException("The metadata contains no tenant.");
}
