using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>Reads and checks <c>[RpcTimeout]</c>.</summary>
internal static class Timeouts
{
    /// <summary>RabbitMQ's default of <c>consumer_timeout</c> is 30 minutes, of which the server takes four fifths.</summary>
    private const int LongestWithDefaults = 25 * 60 * 1000;

    private const string IsGivenUp = "by default they are given up after 24, before RabbitMQ's consumer_timeout of 30: raise consumer_timeout on the broker and RpcServerOptions.ConsumerTimeout, or split the work into shorter calls";
    private const string HoldsPlace = "each of them holds one of the places of its server (RpcServerOptions.MaxConcurrentCalls): mark them with [RpcLongRunning]";

    /// <summary>The timeout in milliseconds that the symbol declares; null if it declares none.</summary>
    public static int? DeclaredOn(ISymbol symbol) =>
        RpcAttributes.Find(symbol, RpcAttributes.Timeout) is { ConstructorArguments: [{ Value: int milliseconds }] } ? milliseconds : null;

    /// <summary>Checks the attribute of a contract.</summary>
    public static void Check(INamedTypeSymbol contract, DiagnosticSink sink)
    {
        bool canBeLong = !RpcAttributes.IsBare(RpcAttributes.Find(contract, RpcAttributes.Contract)!) && !RpcAttributes.Has(contract, RpcAttributes.Durable);
        Check(contract, RpcAttributes.Has(contract, RpcAttributes.LongRunning) ? null : canBeLong ? HoldsPlace : IsGivenUp, sink);
    }

    /// <summary>Checks the attribute of a method. Streams leave their places anyway.</summary>
    public static void Check(IMethodSymbol method, INamedTypeSymbol contract, DiagnosticSink sink)
    {
        bool isWatched = StreamType.HasStreams(method) || DeliveryParser.Parse(method, contract).IsLongRunning;
        Check(method, isWatched ? null : LongRunning.Conflict(method, contract) is null ? HoldsPlace : IsGivenUp, sink);
    }

    private static void Check(ISymbol symbol, string? problem, DiagnosticSink sink)
    {
        switch (DeclaredOn(symbol))
        {
            case { } milliseconds and < 1:
                sink.Add(Rules.TimeoutRange, RpcAttributes.Find(symbol, RpcAttributes.Timeout)!, milliseconds);
                break;
            case { } milliseconds and > LongestWithDefaults when problem is not null:
                sink.Add(Rules.LongTimeout, RpcAttributes.Find(symbol, RpcAttributes.Timeout)!, symbol.Name, milliseconds / 60_000, problem);
                break;
        }
    }
}
