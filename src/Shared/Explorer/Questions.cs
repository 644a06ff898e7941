namespace RpcGen.Explorer;

/// <summary>Questions of the page to services, with a time limit.</summary>
internal static class Questions
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    /// <summary>Asks for a description.</summary>
    /// <exception cref="RpcException">The service did not answer, or refused.</exception>
    public static async Task<RpcServiceDescription> DescribeAsync(RpcConnection connection, string queue, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await connection.DescribeAsync(queue, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcTimeoutException($"No server of '{queue}' answered within {Limit.TotalSeconds} s. Is one running?");
        }
    }
}
