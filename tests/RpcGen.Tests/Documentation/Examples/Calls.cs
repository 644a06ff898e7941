namespace RpcGen.Tests.Documentation.Examples;

/// <summary>The code of docs/calls.md.</summary>
internal static class Calls
{
    public static async Task<string> CallAsync(IPriceList prices, CancellationToken cancellationToken)
    {
        #region call
        var reply = new RpcMetadata();
        decimal price = await prices
            .With(timeout: TimeSpan.FromSeconds(2), metadata: new RpcMetadata { ["tenant"] = "acme" }, replyMetadata: reply)
            .FindAsync("nut", cancellationToken);
        return $"{price}, read from {reply["source"]}";
        #endregion
    }
}

[AmqpRpc]
internal partial interface IPriceList
{
    Task<decimal> FindAsync(string article, CancellationToken cancellationToken = default);
}

#region handler
internal sealed class PriceList(RpcCallContext context) : IPriceList
{
    public Task<decimal> FindAsync(string article, CancellationToken cancellationToken)
    {
        bool isKnown = context.Metadata.TryGetValue("tenant", out string? tenant);
        context.ReplyMetadata["source"] = isKnown ? $"the list of {tenant}" : "the common list";
        return Task.FromResult(1.25m);
    }
}
#endregion
