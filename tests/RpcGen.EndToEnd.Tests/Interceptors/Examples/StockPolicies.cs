
namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region policies
public sealed class StockPolicies : RpcAuthorizationInterceptor
{
    protected override ValueTask<bool> IsAllowedAsync(RpcServerCall call, string policy)
    {
        if (call.Context.BrokerUser is not { } user)
        {
            throw new RpcAccessDeniedException("The caller is unknown: set SendBrokerUser.") { IsUnauthenticated = true };
        }

        return new(policy switch
        {
            "read" => true,
            "write" => user == "stock-admin" && call.Context.Metadata.ContainsKey("reason"),
            _ => false,
        });
    }
}
#endregion
