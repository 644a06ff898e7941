using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RpcGen;

/// <summary>
/// Names and texts that are sent with a call as AMQP headers. A caller adds them to requests with
/// <see cref="RpcClientExtensions.With{T}(T, RpcCallOptions)"/>, a handler to replies with
/// <see cref="RpcCallContext.ReplyMetadata"/>. Names are case-sensitive. Thread-safe.
/// </summary>
/// <remarks>
/// Metadata of a request cannot be trusted: anyone who can publish to the queue can write anything into it. To identify the
/// caller, use <see cref="RpcCallContext.BrokerUser"/>.
/// </remarks>
#pragma warning disable CA1710 // "Metadata" is the field's word, and already plural.
public sealed class RpcMetadata : IReadOnlyDictionary<string, string>
#pragma warning restore CA1710
{
    /// <summary>The maximum size of all names and values together, in UTF-8 bytes: 16 KiB.</summary>
    public const int MaxBytes = 16 * 1024;

    private static readonly ImmutableDictionary<string, string> None = ImmutableDictionary.Create<string, string>(StringComparer.Ordinal);

    private ImmutableDictionary<string, string> _entries = None;
    private Headers? _headers;

    /// <summary>Creates metadata without entries.</summary>
    public RpcMetadata()
    {
    }

    /// <summary>Creates metadata from entries. If a name occurs twice, its last value is kept.</summary>
    /// <exception cref="ArgumentException">A name is reserved or too long, or all entries together exceed <see cref="MaxBytes"/>.</exception>
    public RpcMetadata(IEnumerable<KeyValuePair<string, string>> entries) => Set(entries);

    /// <summary>Gets or sets the value of a name.</summary>
    /// <exception cref="KeyNotFoundException">The name has no value.</exception>
    /// <exception cref="ArgumentException">The name is reserved or too long, or all entries together exceed <see cref="MaxBytes"/>.</exception>
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

    /// <summary>Sets the value of a name, for collection initializers.</summary>
    /// <exception cref="ArgumentException">The name is reserved or too long, or all entries together exceed <see cref="MaxBytes"/>.</exception>
    public void Add(string name, string value) => this[name] = value;

    /// <summary>Removes an entry.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string name) => ImmutableInterlocked.TryRemove(ref _entries, name, out _);

    /// <summary>Removes all entries.</summary>
    public void Clear() => Volatile.Write(ref _entries, None);

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _entries.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _entries.TryGetValue(key, out value);

    /// <summary>Enumerates the entries as they are at the time of the call.</summary>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Gets the headers to send; null if there are no entries. They are cached until the entries change.</summary>
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

    /// <summary>Replaces all entries with those of a received message. The size limit does not apply to them.</summary>
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
            : throw new ArgumentException($"The metadata has {size} UTF-8 bytes, names included; the limit is {MaxBytes}. Send larger data as an argument or result.");
    }

    private sealed record Headers(ImmutableDictionary<string, string> Entries, IReadOnlyDictionary<string, object?> Sent);
}
