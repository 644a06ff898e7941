using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RpcGen;

/// <summary>
/// Names and texts that travel beside a call, as AMQP headers: with the request what its caller says by
/// <see cref="RpcClientExtensions.With{T}(T, RpcCallOptions)"/>, with the reply what the handler says by
/// <see cref="RpcCallContext.ReplyMetadata"/>. Names are compared as they are, case included. Thread-safe.
/// </summary>
/// <remarks>
/// Whoever may publish to the queue can say anything here: what is to be trusted, such as who the caller is, is
/// <see cref="RpcCallContext.BrokerUser"/>.
/// </remarks>
#pragma warning disable CA1710 // "Metadata" is what everyone calls it, and plural.
public sealed class RpcMetadata : IReadOnlyDictionary<string, string>
#pragma warning restore CA1710
{
    /// <summary>How many bytes all names and values may take together, as UTF-8: 16 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    private static readonly ImmutableDictionary<string, string> None = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    private ImmutableDictionary<string, string> _entries = None;
    private Headers? _headers;

    /// <summary>Makes an empty one.</summary>
    public RpcMetadata()
    {
    }

    /// <summary>Makes one of entries, the last of a name holds.</summary>
    /// <exception cref="ArgumentException">A name is reserved or too long, or all is too large.</exception>
    public RpcMetadata(IEnumerable<KeyValuePair<string, string>> entries) => Set(entries);

    /// <summary>The value of a name. Setting replaces what was there.</summary>
    /// <exception cref="KeyNotFoundException">There is none.</exception>
    /// <exception cref="ArgumentException">The name is reserved or too long, or all becomes too large.</exception>
    public string this[string name]
    {
        get => _entries[name];
        set => Set([new(name, value)]);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _entries.Keys;

    /// <inheritdoc/>
    public IEnumerable<string> Values => _entries.Values;

    /// <inheritdoc/>
    public int Count => _entries.Count;

    /// <summary>Adds an entry, for collection initializers; the same as setting it.</summary>
    /// <exception cref="ArgumentException">The name is reserved or too long, or all becomes too large.</exception>
    public void Add(string name, string value) => this[name] = value;

    /// <summary>Takes an entry out; false where there is none.</summary>
    public bool Remove(string name) => ImmutableInterlocked.TryRemove(ref _entries, name, out _);

    /// <summary>Takes all entries out.</summary>
    public void Clear() => Volatile.Write(ref _entries, None);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _entries.TryGetValue(key, out value);

    /// <summary>Enumerates what there is at this moment.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The entries as they are sent; null for none. Made once for as long as they do not change.</summary>
    internal IReadOnlyDictionary<string, object?>? ToHeaders()
    {
        ImmutableDictionary<string, string> entries = Volatile.Read(ref _entries);
        if (entries.IsEmpty)
        {
            return null;
        }

        if (_headers is not { } headers || headers.Entries != entries)
        {
            _headers = headers = new Headers(entries, entries.ToDictionary(entry => entry.Key, entry => (object?)entry.Value, StringComparer.Ordinal));
        }

        return headers.Sent;
    }

    /// <summary>Replaces all entries with those that a message brought, which no limit of ours holds for.</summary>
    internal void Receive(IDictionary<string, object?>? headers) =>
        Volatile.Write(ref _entries, headers is null ? None : None.SetItems(HeaderReader.Metadata(headers)));

    private void Set(IEnumerable<KeyValuePair<string, string>> added)
    {
        ArgumentNullException.ThrowIfNull(added);
        foreach ((string name, string value) in added)
        {
            ReservedHeaders.ThrowIfUnfit(name);
            ArgumentNullException.ThrowIfNull(value);
        }

        ImmutableInterlocked.Update(ref _entries, Merge, added);
    }

    private static ImmutableDictionary<string, string> Merge(ImmutableDictionary<string, string> entries, IEnumerable<KeyValuePair<string, string>> added)
    {
        ImmutableDictionary<string, string> merged = entries.SetItems(added);
        int size = merged.Sum(entry => Encoding.UTF8.GetByteCount(entry.Key) + Encoding.UTF8.GetByteCount(entry.Value));
        return size <= MaxBytes
            ? merged
            : throw new ArgumentException($"The metadata takes {size} bytes, names included; {MaxBytes} are the limit. Pass what is larger as an argument or result.");
    }

    private sealed record Headers(ImmutableDictionary<string, string> Entries, IReadOnlyDictionary<string, object?> Sent);
}
