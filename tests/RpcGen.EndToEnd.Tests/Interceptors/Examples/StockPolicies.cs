namespace RpcGen.EndToEnd.Tests.Interceptors.Examples;

#region policies
public sealed class StockPolicies : IRpcAuthorizer
{
    public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy)
    {
        if (context.BrokerUser is not { } user)
        {
            throw new RpcAccessDeniedException("The caller is unknown: set SendBrokerUser.") { IsUnauthenticated = true };
        }

        return new(policy switch
        {
            "read" => true,
            "write" => user == "stock-admin" && context.Metadata.ContainsKey("reason"),
            _ => false,
        });
    }
}
#endregion
