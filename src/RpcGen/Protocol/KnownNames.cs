using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Protocol;

/// <summary>A set of expected names. Reading one of them allocates no string. Immutable.</summary>
internal sealed class KnownNames
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;

    public KnownNames(IEnumerable<string> names) =>
        _names = names.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Finds the string that equals <paramref name="name"/>.</summary>
    public bool TryGetValue(ReadOnlySpan<char> name, [NotNullWhen(true)] out string? known) => _names.TryGetValue(name, out known);
}
