using System.Text;
using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Naming;

/// <summary>Names on the wire: defaults for queues and methods, and which names are valid.</summary>
internal static class NamingRules
{
    /// <summary>The maximum bytes of a short string in AMQP 0-9-1.</summary>
    public const int MaxBytes = 255;

    /// <summary>The codes of faults that RpcGen itself raises. A test compares them with <c>FaultCodes</c> in the runtime.</summary>
    private static readonly HashSet<string> ReservedCodes = new(StringComparer.Ordinal)
    {
        "validation", "protocol", "too-large", "unknown-method", "unsupported", "unauthenticated", "permission-denied",
        "unavailable", "overloaded", "interrupted", "internal", "result-too-large", "timeout", "cancelled",
    };

    /// <summary>The reserved codes as messages list them.</summary>
    public static string AllReservedCodes => string.Join(", ", ReservedCodes);

    /// <summary>The contract's queue: the name that <c>[AmqpRpc]</c> gives, or the default.</summary>
    public static string QueueOf(INamedTypeSymbol contract, AttributeData contractAttribute) =>
        AttributeLookup.Argument<string>(contractAttribute) ?? DefaultQueue(contract);

    /// <summary>The method's name on the wire: the name that <c>[RpcMethod]</c> gives, or the default.</summary>
    public static string Of(IMethodSymbol method) =>
        AttributeLookup.Argument<string>(RpcAttributes.Find(method, RpcAttributes.Method)) ?? WithoutAsync(method.Name);

    /// <summary>
    /// Namespace, containing types and name, joined by dots. An <c>I</c> before an upper-case letter is dropped: the queue of
    /// <c>Demo.IOrders</c> is <c>Demo.Orders</c>, that of <c>Demo.Inbox</c> is <c>Demo.Inbox</c>.
    /// </summary>
    public static string DefaultQueue(INamedTypeSymbol contract)
    {
        string name = WithoutPrefix(contract.Name);
        for (INamedTypeSymbol? type = contract.ContainingType; type is not null; type = type.ContainingType)
        {
            name = type.Name + "." + name;
        }

        return contract.ContainingNamespace is { IsGlobalNamespace: false } space ? TypeDisplay.Namespace(space) + "." + name : name;
    }

    /// <summary>The name without an <c>I</c> before an upper-case letter.</summary>
    public static string WithoutPrefix(string name) => name is ['I', var second, ..] && char.IsUpper(second) ? name.Substring(1) : name;

    /// <summary>The name without a trailing <c>Async</c>, unless nothing else would remain.</summary>
    public static string WithoutAsync(string name) =>
        name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal) ? name.Substring(0, name.Length - 5) : name;

    /// <summary>The most bytes of a queue's name: the names of its exchanges are longer. A test compares the limits with <c>QueueNames</c> in the runtime.</summary>
    /// <param name="isBare">Whether bodies are bare, so that there is no exchange for cancels.</param>
    /// <param name="hasBroadcasts">Whether there is an exchange for broadcasts.</param>
    public static int QueueLimit(bool isBare, bool hasBroadcasts) =>
        MaxBytes - (hasBroadcasts ? ".broadcast".Length : isBare ? 0 : ".cancel".Length);

    /// <summary>Whether a queue or an exchange can have this name.</summary>
    public static bool IsValidQueue(string name, int limit = MaxBytes) =>
        HasValidLength(name, limit) && !name.StartsWith("amq.", StringComparison.Ordinal);

    public static bool IsValidMethod(string name) => HasValidLength(name) && name[0] != '$';

    public static bool IsValidFaultCode(string code) => HasValidLength(code) && !ReservedCodes.Contains(code);

    private static bool HasValidLength(string name, int limit = MaxBytes) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= limit;
}
