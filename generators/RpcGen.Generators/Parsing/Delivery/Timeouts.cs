using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>Reads and checks <c>[RpcTimeout]</c>.</summary>
internal static class Timeouts
{
    /// <summary>RabbitMQ's default is 30 minutes, of which the server takes four fifths. Longer methods need other settings on both.</summary>
    private const int LongestWithDefaults = 25 * 60 * 1000;

    /// <summary>The timeout in milliseconds that the symbol declares; null if it declares none.</summary>
    public static int? DeclaredOn(ISymbol symbol) =>
        RpcAttributes.Find(symbol, RpcAttributes.Timeout) is { ConstructorArguments: [{ Value: int milliseconds }] } ? milliseconds : null;

    public static void Check(ISymbol symbol, DiagnosticSink sink)
    {
        switch (DeclaredOn(symbol))
        {
            case { } milliseconds and < 1:
                sink.Add(Rules.TimeoutRange, RpcAttributes.Find(symbol, RpcAttributes.Timeout)!, milliseconds);
                break;
            case { } milliseconds and > LongestWithDefaults:
                sink.Add(Rules.LongTimeout, RpcAttributes.Find(symbol, RpcAttributes.Timeout)!, symbol.Name, milliseconds / 60_000);
                break;
        }
    }
}
