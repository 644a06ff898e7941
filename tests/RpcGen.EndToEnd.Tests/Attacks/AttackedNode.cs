using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>A node for several classes of few tests, because starting one takes longer than an attack.</summary>
[CollectionDefinition(Name)]
public sealed class AttackedNode : ICollectionFixture<PrivateRabbit>
{
    public const string Name = "Attacked node";
}
