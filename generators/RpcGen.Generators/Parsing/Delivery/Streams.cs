using Microsoft.CodeAnalysis;
using RpcGen.Generators.Diagnostics;
using RpcGen.Generators.Model;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Delivery;

/// <summary>Reads and checks streams that methods return or take, progress, and <c>[RpcStream]</c>.</summary>
internal static class Streams
{
    private const int LeastWindow = 1024;

    private static readonly string[] Limits = ["WindowBytes", "WindowItems", "IdleTimeoutMilliseconds", "TotalTimeoutMilliseconds"];

    /// <summary>The limits of a method's streams that differ from the defaults. A method's attribute replaces the contract's.</summary>
    public static IEnumerable<StreamLimit> LimitsOf(IMethodSymbol method, INamedTypeSymbol contract)
    {
        ISymbol[] scopes = [method, contract, method.ContainingType];
        AttributeData? attribute = scopes.Select(scope => RpcAttributes.Find(scope, RpcAttributes.Stream)).FirstOrDefault(found => found is not null);
        return attribute is null ? [] : LimitsOf(attribute).Where(limit => limit.Value != 0);
    }

    /// <summary>The limits of a method's streams of bytes: they have no items to limit.</summary>
    public static StreamModel BytesOf(IMethodSymbol method, INamedTypeSymbol contract) =>
        new("global::System.ReadOnlyMemory<byte>", LimitsOf(method, contract).Where(limit => limit.Name != "WindowItems").ToEquatableArray());

    /// <summary>Checks the attribute of a contract.</summary>
    public static void Check(INamedTypeSymbol contract, DiagnosticSink sink)
    {
        if (RpcAttributes.Find(contract, RpcAttributes.Stream) is { } attribute)
        {
            CheckLimits(contract, attribute, sink);
            if (!contract.AllInterfaces.Prepend(contract).SelectMany(type => type.GetMembers()).OfType<IMethodSymbol>().Any(StreamType.HasStreamsOrProgress))
            {
                sink.Add(Rules.StreamWithoutEffect, attribute, contract.Name, "has no method with a stream or progress");
            }
        }
    }

    /// <summary>Checks a method and its attribute.</summary>
    /// <param name="method">The method.</param>
    /// <param name="isBare">Whether the contract has bare bodies.</param>
    /// <param name="oneWay">How messages describe a method whose caller gets no reply; null for others.</param>
    /// <param name="sink">Gets the diagnostics.</param>
    public static void Check(IMethodSymbol method, bool isBare, string? oneWay, DiagnosticSink sink)
    {
        bool isStream = StreamType.HasStreamsOrProgress(method);
        if (RpcAttributes.Find(method, RpcAttributes.Stream) is { } attribute)
        {
            CheckLimits(method, attribute, sink);
            if (!isStream)
            {
                sink.Add(Rules.StreamWithoutEffect, attribute, method.Name, "has neither a stream nor progress");
            }
        }

        string? conflict = !isStream ? null
            : oneWay is not null ? $"is {oneWay}, and gets no reply"
            : isBare ? "has bare bodies, which hold one value"
            : RpcAttributes.Has(method, RpcAttributes.Durable) ? "is durable, although no caller survives a restart of the broker"
            : null;
        if (conflict is not null)
        {
            string what = StreamType.HasStreams(method) ? "stream" : "progress";
            sink.Add(Rules.StreamConflict, method, method.Name, what == "stream" ? "a stream" : what, conflict, what);
        }
    }

    private static void CheckLimits(ISymbol symbol, AttributeData attribute, DiagnosticSink sink)
    {
        foreach (StreamLimit limit in LimitsOf(attribute))
        {
            bool isWindow = limit.Name == Limits[0];
            if (limit.Value < 0 || (isWindow && limit.Value is > 0 and < LeastWindow))
            {
                sink.Add(Rules.StreamLimitRange, attribute, limit.Name, symbol.Name, limit.Value, isWindow ? "1,024 or more" : "1 or more");
            }
        }
    }

    private static IEnumerable<StreamLimit> LimitsOf(AttributeData attribute) =>
        Limits.Select(name => new StreamLimit(name, AttributeLookup.Named<int>(attribute, name)));
}
