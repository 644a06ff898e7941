using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>What goes wrong with a type in JSON.</summary>
internal enum JsonProblemKind
{
    /// <summary>System.Text.Json cannot write the type, or cannot read it.</summary>
    Unsupported,

    /// <summary>System.Text.Json refuses the type's declaration, before any value is written or read.</summary>
    Refused,

    /// <summary>A member does not arrive.</summary>
    MemberLost,

    /// <summary>Values arrive, but not as they were sent.</summary>
    Changed,
}

/// <summary>A problem that System.Text.Json has with a type itself, not with the types that it leads to.</summary>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Where">The type or the member that causes it.</param>
/// <param name="Cause">The cause and the remedy, as the end of a sentence.</param>
internal sealed record JsonProblem(JsonProblemKind Kind, ISymbol Where, string Cause)
{
    /// <summary>Whether writing works. Values that are only written, such as those of calculated properties, do not have the problem.</summary>
    public bool IsOnlyRead { get; init; }

    /// <summary>The one edit that is right: <c>JsonInclude</c>, <c>JsonConstructor</c> or <c>init</c>; otherwise null.</summary>
    public string? Edit { get; init; }

    /// <summary>The constructor that <c>JsonConstructor</c> would mark.</summary>
    public IMethodSymbol? Constructor { get; init; }
}

/// <summary>A type that another one leads to.</summary>
/// <param name="Type">The type.</param>
/// <param name="IsRead">Whether it is read too. Calculated properties are only written.</param>
internal sealed record JsonPart(ITypeSymbol Type, bool IsRead);

/// <summary>What System.Text.Json does with a type, under RpcGen's options.</summary>
/// <param name="Problems">The type's own problems.</param>
/// <param name="Parts">The types that it leads to.</param>
internal sealed record JsonTypeReport(IReadOnlyList<JsonProblem> Problems, IReadOnlyList<JsonPart> Parts)
{
    /// <summary>A type without problems that leads to no other.</summary>
    public static JsonTypeReport Fine { get; } = new([], []);

    public static JsonTypeReport Of(IEnumerable<ITypeSymbol> parts) => new([], [.. parts.Select(part => new JsonPart(part, IsRead: true))]);

    public static JsonTypeReport Unsupported(ITypeSymbol type, string advice) => new([new JsonProblem(JsonProblemKind.Unsupported, type, advice)], []);
}
