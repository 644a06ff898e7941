using System.Collections.ObjectModel;

namespace RpcGen;

/// <summary>Data that only few calls have, kept out of the context of all others.</summary>
internal sealed class RpcCallDetails
{
    private IReadOnlyDictionary<string, string>? _metadata;
    private RpcMetadata? _replyMetadata;

    /// <summary>The request's headers as they were received.</summary>
    public IDictionary<string, object?>? Headers { get; init; }

    /// <summary>The call's id, if it is not one of RpcGen's numbers.</summary>
    public string? CallId { get; init; }

    public string? BrokerUser { get; init; }

    public byte Priority { get; init; }

    /// <summary>The caller's metadata, read on first use.</summary>
    public IReadOnlyDictionary<string, string> Metadata =>
        _metadata ??= Headers is null ? ReadOnlyDictionary<string, string>.Empty : new ReadOnlyDictionary<string, string>(HeaderReader.Metadata(Headers));

    /// <summary>The reply's metadata, created on first use.</summary>
    public RpcMetadata ReplyMetadata
    {
        get
        {
            if (Volatile.Read(ref _replyMetadata) is { } known)
            {
                return known;
            }

            var made = new RpcMetadata();
            return Interlocked.CompareExchange(ref _replyMetadata, made, null) ?? made;
        }
    }

    /// <summary>The reply's headers; null if it has none.</summary>
    public IReadOnlyDictionary<string, object?>? ReplyHeaders => Volatile.Read(ref _replyMetadata)?.ToHeaders();
}
