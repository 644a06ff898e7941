namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A contract in the tutorial's style.</summary>
[AmqpRpc("bare_echo", BodyStyle = RpcBodyStyle.Bare)]
public partial interface IBareEcho
{
    Task<int> EchoAsync(int n, CancellationToken cancellationToken = default);
}

public sealed class BareEcho : IBareEcho
{
    public Task<int> EchoAsync(int n, CancellationToken cancellationToken) => Task.FromResult(n);
}
