using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Methods;

/// <summary>A remote method: the method that is called, and the inherited methods that the proxy implements along with it.</summary>
/// <param name="Symbol">The method as the most derived interface declares it.</param>
internal sealed record RemoteMethod(IMethodSymbol Symbol)
{
    /// <summary>Methods in base interfaces with the same signature and result, which <see cref="Symbol"/> hides.</summary>
    public List<IMethodSymbol> Hidden { get; } = [];
}
