using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Protocol;

/// <summary>Names that are expected, so that reading one makes no new string. Immutable.</summary>
internal sealed class KnownNames
{
    private readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _names;

    public KnownNames(IEnumerable<string> names) =>
        _names = names.ToFrozenSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    public bool TryGetValue(ReadOnlySpan<char> name, [NotNullWhen(true)] out string? known) => _names.TryGetValue(name, out known);
}
