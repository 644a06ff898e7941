using Microsoft.AspNetCore.Http;

namespace RpcGen.AspNetCore.Security;

/// <summary>Sends the bearer token of the current HTTP request with each call, unless the call has one. Thread-safe.</summary>
internal sealed class BearerForwarding(IHttpContextAccessor accessor) : IRpcClientInterceptor
{
    private static readonly string Name = new RpcBearerOptions().MetadataName;

    /// <inheritdoc/>
    public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
        where TArguments : struct
    {
        string? header = accessor.HttpContext?.Request.Headers.Authorization;
        if (BearerHeader.Read(header) is { } token && !call.Metadata.ContainsKey(Name))
        {
            call.Metadata[Name] = BearerHeader.Write(token);
        }

        return next(call);
    }
}
