using System.Collections.ObjectModel;

namespace RpcGen;

/// <summary>What few calls have: made only for those.</summary>
internal sealed class RpcCallDetails
{
    private IReadOnlyDictionary<string, string>? _metadata;
    private RpcMetadata? _replyMetadata;

    /// <summary>The request's headers as they came.</summary>
    public IDictionary<string, object?>? Headers { get; init; }

    /// <summary>The call's id where it is no number of ours.</summary>
    public string? CallId { get; init; }

    public string? BrokerUser { get; init; }

    public byte Priority { get; init; }

    /// <summary>The caller's metadata, read when somebody asks.</summary>
    public IReadOnlyDictionary<string, string> Metadata =>
        _metadata ??= Headers is null ? ReadOnlyDictionary<string, string>.Empty : new ReadOnlyDictionary<string, string>(HeaderReader.Metadata(Headers));

    /// <summary>What goes with the reply, made when somebody asks.</summary>
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

    /// <summary>The reply's headers; null for none.</summary>
    public IReadOnlyDictionary<string, object?>? ReplyHeaders => Volatile.Read(ref _replyMetadata)?.ToHeaders();
}
