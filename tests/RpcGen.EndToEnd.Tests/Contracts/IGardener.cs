namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A type that contains itself, and a declared fault.</summary>
[AmqpRpc]
public partial interface IGardener
{
    [RpcFault<DryException>("dry")]
    Task<Twig> PruneAsync(int length, Twig twig, IReadOnlyList<Twig>? others = null, CancellationToken cancellationToken = default);
}

public sealed record Twig(string Name, IReadOnlyList<Twig> Branches);

public sealed class DryException(string message) : Exception(message);

public sealed class Gardener : IGardener
{
    public Task<Twig> PruneAsync(int length, Twig twig, IReadOnlyList<Twig>? others, CancellationToken cancellationToken) => Task.FromResult(twig);
}
