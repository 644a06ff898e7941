using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Parsing.Faults;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>Rules for attributes that say how requests are delivered and who can call.</summary>
internal static class DeliveryRules
{
    private const string HasBareBodies = "has bare bodies, which hold one call each";

    public static void Check(INamedTypeSymbol contract, bool isBare, DiagnosticSink sink)
    {
        CheckScope(contract, sink);
        Timeouts.Check(contract, sink);
        Streams.Check(contract, sink);
        LongRunning.Check(contract, sink);
        if (isBare && RpcAttributes.Find(contract, RpcAttributes.Batching) is { } batching)
        {
            sink.Add(Rules.BatchingWithoutEffect, batching, contract.Name, HasBareBodies);
        }
    }

    public static void Check(IMethodSymbol method, INamedTypeSymbol contract, DiagnosticSink sink)
    {
        CheckScope(method, sink);
        Timeouts.Check(method, contract, sink);
        LongRunning.Check(method, contract, sink);
        bool isBare = RpcAttributes.IsBare(RpcAttributes.Find(contract, RpcAttributes.Contract)!);
        string? oneWay = DeliveryParser.DescribeOneWay(method);
        if (oneWay is not null)
        {
            CheckOneWay(method, oneWay, isBare, sink);
        }

        Streams.Check(method, isBare, oneWay, sink);
        string? unbatched = oneWay is not null ? $"is {oneWay}, so its calls wait for no reply"
            : isBare ? HasBareBodies
            : StreamType.HasStreams(method) ? "has a stream, whose items share messages anyway"
            : DeliveryParser.Parse(method, contract).IsLongRunning ? "is long-running, so its calls gain nothing"
            : null;
        if (unbatched is not null && RpcAttributes.Find(method, RpcAttributes.Batching) is { } batching)
        {
            sink.Add(Rules.BatchingWithoutEffect, batching, method.Name, unbatched);
        }
    }

    /// <summary>The rules for attributes that both contracts and methods can have.</summary>
    private static void CheckScope(ISymbol symbol, DiagnosticSink sink)
    {
        if (RpcAttributes.Has(symbol, RpcAttributes.Idempotent) && RpcAttributes.Find(symbol, RpcAttributes.AtMostOnce) is { } atMostOnce)
        {
            sink.Add(Rules.DeliveryConflict, atMostOnce, symbol.Name);
        }

        if (RpcAttributes.Find(symbol, RpcAttributes.Priority) is { } priority && AttributeLookup.Argument<byte>(priority) is var value and > 9)
        {
            sink.Add(Rules.PriorityRange, priority, value);
        }

        foreach (AttributeData policy in DeliveryParser.Restrictions(symbol).Where(DeliveryParser.NamesPolicy))
        {
            if (string.IsNullOrWhiteSpace(AttributeLookup.Argument<string>(policy)))
            {
                sink.Add(Rules.PolicyName, policy, symbol.Name);
            }
        }
    }

    private static void CheckOneWay(IMethodSymbol method, string oneWay, bool isBare, DiagnosticSink sink)
    {
        if (TaskType.IsTask(method) && TaskType.Result(method) is not null)
        {
            sink.Add(Rules.OneWayResult, method, method.Name, oneWay, method.ReturnType.Name);
        }

        if (RpcAttributes.Has(method, RpcAttributes.Broadcast) && RpcAttributes.Find(method, RpcAttributes.OneWay) is { } both)
        {
            sink.Add(Rules.OneWayConflict, both, method.Name);
        }

        if (isBare)
        {
            sink.Add(Rules.OneWayBare, method, method.Name, oneWay);
        }

        foreach (DeclaredFault fault in DeclaredFaults.On(method))
        {
            sink.Add(Rules.OneWayFault, fault.Attribute, method.Name, oneWay, TypeDisplay.ShortName(fault.Type));
        }
    }
}
