using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>Reads and checks <c>[RpcTimeout]</c>.</summary>
internal static class Timeouts
{
    /// <summary>The timeout in milliseconds that the symbol declares; null if it declares none.</summary>
    public static int? DeclaredOn(ISymbol symbol) =>
        RpcAttributes.Find(symbol, RpcAttributes.Timeout) is { ConstructorArguments: [{ Value: int milliseconds }] } ? milliseconds : null;

    public static void Check(ISymbol symbol, DiagnosticSink sink)
    {
        if (DeclaredOn(symbol) is { } milliseconds and < 1)
        {
            sink.Add(Rules.TimeoutRange, RpcAttributes.Find(symbol, RpcAttributes.Timeout)!, milliseconds);
        }
    }
}
