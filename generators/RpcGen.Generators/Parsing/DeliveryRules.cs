using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>Rules for how requests travel and who may call.</summary>
internal static class DeliveryRules
{
    /// <summary>What contracts and methods may both say.</summary>
    public static void CheckScope(ISymbol symbol, Violations violations)
    {
        if (KnownTypes.HasRpcAttribute(symbol, "RpcIdempotentAttribute") &&
            KnownTypes.Attribute(symbol, "RpcGen", "RpcAtMostOnceAttribute") is { } atMostOnce)
        {
            violations.Add(Rules.DeliveryConflict, atMostOnce, symbol.Name);
        }

        if (KnownTypes.Attribute(symbol, "RpcGen", "RpcPriorityAttribute") is { } priority && KnownTypes.Argument<byte>(priority) is var value and > 9)
        {
            violations.Add(Rules.PriorityRange, priority, value);
        }

        foreach (AttributeData policy in DeliveryParser.Policies(symbol))
        {
            if (string.IsNullOrWhiteSpace(KnownTypes.Argument<string>(policy)))
            {
                violations.Add(Rules.PolicyName, policy, symbol.Name);
            }
        }
    }

    /// <summary>What a contract says for all of its methods.</summary>
    public static void Check(INamedTypeSymbol contract, bool isBare, Violations violations)
    {
        CheckScope(contract, violations);
        if (isBare && KnownTypes.Attribute(contract, "RpcGen", "RpcBatchingAttribute") is { } batching)
        {
            violations.Add(Rules.BatchingWithoutEffect, batching, contract.Name, HasBareBodies);
        }
    }

    public static void Check(IMethodSymbol method, INamedTypeSymbol contract, Violations violations)
    {
        CheckScope(method, violations);
        bool isBare = KnownTypes.Attribute(contract, "RpcGen", "AmqpRpcAttribute") is { } attribute && ContractRules.IsBare(attribute);
        string? oneWay = DeliveryParser.OneWay(method);
        if (oneWay is not null)
        {
            CheckOneWay(method, oneWay, isBare, violations);
        }

        if ((oneWay is not null || isBare) && KnownTypes.Attribute(method, "RpcGen", "RpcBatchingAttribute") is { } batching)
        {
            violations.Add(Rules.BatchingWithoutEffect, batching, method.Name, oneWay is null ? HasBareBodies : $"is {oneWay}, and waits for no reply");
        }
    }

    private const string HasBareBodies = "has bare bodies, which hold one call each";

    private static void CheckOneWay(IMethodSymbol method, string oneWay, bool isBare, Violations violations)
    {
        if (TaskType.IsTask(method) && TaskType.Result(method) is not null)
        {
            violations.Add(Rules.OneWayResult, method, method.Name, oneWay, method.ReturnType.Name);
        }

        if (KnownTypes.HasRpcAttribute(method, "RpcBroadcastAttribute") && KnownTypes.Attribute(method, "RpcGen", "RpcOneWayAttribute") is { } both)
        {
            violations.Add(Rules.OneWayConflict, both, method.Name);
        }

        if (isBare)
        {
            violations.Add(Rules.OneWayBare, method, method.Name, oneWay);
        }

        foreach (DeclaredFault fault in FaultParser.DeclaredOn(method))
        {
            violations.Add(Rules.OneWayFault, fault.Attribute, method.Name, oneWay, KnownTypes.Name(fault.Type));
        }
    }
}
