using System.Text;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>What contracts and methods are called on the wire where the user says nothing, and which names may be.</summary>
internal static class Identity
{
    /// <summary>AMQP 0-9-1's short strings.</summary>
    private const int LongestName = 255;

    private static readonly HashSet<string> ReservedCodes = new(StringComparer.Ordinal)
    {
        "validation", "protocol", "unknown-method", "unsupported", "unavailable", "internal", "timeout", "cancelled",
        "unauthenticated", "permission-denied", "too-large", "result-too-large", "overloaded", "interrupted",
    };

    /// <summary>Namespace, containing types and name joined by dots, a leading <c>I</c> before an upper-case letter dropped.</summary>
    public static string Queue(INamedTypeSymbol contract)
    {
        string name = contract.Name is ['I', var second, ..] && char.IsUpper(second) ? contract.Name.Substring(1) : contract.Name;
        for (INamedTypeSymbol? type = contract.ContainingType; type is not null; type = type.ContainingType)
        {
            name = type.Name + "." + name;
        }

        return contract.ContainingNamespace is { IsGlobalNamespace: false } space ? Dotted(space) + "." + name : name;
    }

    /// <summary>The name less <c>Async</c>; a method called <c>Async</c> keeps it.</summary>
    public static string Method(string name) =>
        name.Length > 5 && name.EndsWith("Async", StringComparison.Ordinal) ? name.Substring(0, name.Length - 5) : name;

    public static bool IsQueue(string name) => Fits(name) && !name.StartsWith("amq.", StringComparison.Ordinal);

    public static bool IsMethod(string name) => Fits(name) && name[0] != '$';

    public static bool IsFaultCode(string code) => Fits(code) && !ReservedCodes.Contains(code);

    public static string Dotted(INamespaceSymbol space) => space.ToDisplayString(
        SymbolDisplayFormat.FullyQualifiedFormat.WithGlobalNamespaceStyle(SymbolDisplayGlobalNamespaceStyle.Omitted)
            .WithMiscellaneousOptions(SymbolDisplayMiscellaneousOptions.None));

    private static bool Fits(string name) => name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= LongestName;
}
