using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>Reads and checks <c>[RpcLongRunning]</c>.</summary>
internal static class LongRunning
{
    private const string HasBareBodies = "has bare bodies, whose callers need not know long calls";

    /// <summary>Why a method's calls cannot be long, as the end of a sentence; null if they can.</summary>
    public static string? Conflict(IMethodSymbol method, INamedTypeSymbol contract)
    {
        ISymbol[] scopes = [method, contract, method.ContainingType];
        return DeliveryParser.DescribeOneWay(method) is { } oneWay ? $"is {oneWay}, so its calls have no result to wait for"
            : IsBare(contract) ? HasBareBodies
            : StreamType.HasStreams(method) ? "has a stream, whose callers and servers watch each other anyway"
            : scopes.Any(scope => RpcAttributes.Has(scope, RpcAttributes.Durable)) && !StreamType.HasStreamsOrProgress(method) ? "is durable, so the broker keeps its requests until they have run"
            : null;
    }

    /// <summary>Checks the attribute of a contract.</summary>
    public static void Check(INamedTypeSymbol contract, DiagnosticSink sink)
    {
        if (IsBare(contract) && RpcAttributes.Find(contract, RpcAttributes.LongRunning) is { } attribute)
        {
            sink.Add(Rules.LongRunningWithoutEffect, attribute, contract.Name, HasBareBodies);
        }
    }

    /// <summary>Checks the attribute of a method.</summary>
    public static void Check(IMethodSymbol method, INamedTypeSymbol contract, DiagnosticSink sink)
    {
        if (RpcAttributes.Find(method, RpcAttributes.LongRunning) is { } attribute && Conflict(method, contract) is { } conflict)
        {
            sink.Add(Rules.LongRunningWithoutEffect, attribute, method.Name, conflict);
        }
    }

    private static bool IsBare(INamedTypeSymbol contract) => RpcAttributes.Find(contract, RpcAttributes.Contract) is { } attribute && RpcAttributes.IsBare(attribute);
}
