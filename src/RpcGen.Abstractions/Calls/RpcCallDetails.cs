using System.Collections.ObjectModel;
using System.Security.Claims;

namespace RpcGen;

/// <summary>Data that only few calls have, kept out of the context of all others.</summary>
internal sealed class RpcCallDetails
{
    private IReadOnlyDictionary<string, string>? _metadata;
    private RpcMetadata? _replyMetadata;
    private ClaimsPrincipal? _user;
    private Dictionary<object, object?>? _items;

    /// <summary>The request's headers as they were received.</summary>
    public IDictionary<string, object?>? Headers { get; init; }

    /// <summary>The call's id, if it is not one of RpcGen's numbers.</summary>
    public string? CallId { get; init; }

    public string? BrokerUser { get; init; }

    public byte Priority { get; init; }

    /// <summary>The caller, created as an unauthenticated one on first use: a principal can be changed, so that calls must not share one.</summary>
    public ClaimsPrincipal User
    {
        get
        {
            if (Volatile.Read(ref _user) is { } known)
            {
                return known;
            }

            var made = new ClaimsPrincipal(new ClaimsIdentity());
            return Interlocked.CompareExchange(ref _user, made, null) ?? made;
        }
        set => Volatile.Write(ref _user, value);
    }

    /// <summary>Whether the caller is known, to the broker or to an authenticator.</summary>
    public bool IsAuthenticated => BrokerUser is not null || (Volatile.Read(ref _user)?.Identities.Any(static identity => identity.IsAuthenticated) ?? false);

    /// <summary>What the parts of the call share, created on first use.</summary>
    public Dictionary<object, object?> Items
    {
        get
        {
            if (Volatile.Read(ref _items) is { } known)
            {
                return known;
            }

            var made = new Dictionary<object, object?>();
            return Interlocked.CompareExchange(ref _items, made, null) ?? made;
        }
    }

    /// <summary>The scope of the container that the call has while its caller is checked; null for none.</summary>
    public IServiceProvider? Scope { get; set; }

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
