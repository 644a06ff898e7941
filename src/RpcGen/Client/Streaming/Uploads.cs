using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;

namespace RpcGen.Client.Streaming;

/// <summary>The streams that a call sends. Filled before the request is sent; thread-safe from then on.</summary>
/// <param name="link">The link.</param>
/// <param name="links">The settings of all streams.</param>
/// <param name="call">The call, which counts messages.</param>
/// <param name="owner">The call.</param>
internal sealed class Uploads(StreamLink link, StreamLinks links, StreamCall call, IUploadOwner owner) : RpcStreamSources
{
    private readonly List<Upload> _all = [];

    /// <summary>Completes when all streams are sent or stopped, and their enumerators disposed. Never fails.</summary>
    public Task Ended => Task.WhenAll(_all.Select(upload => upload.Ended));

    /// <summary>What a source has failed with; null if none has.</summary>
    public Exception? Failure => _all.Select(upload => upload.Failure).FirstOrDefault(failure => failure is not null);

    /// <inheritdoc/>
    /// <exception cref="RpcValidationException">The source is null.</exception>
    public override void Add<TItem>(RpcStreamProperty<TItem> parameter, IAsyncEnumerable<TItem> source)
    {
        if (source is null) // the contract has no nullable annotations, else the check of the arguments had found it
        {
            throw CallExceptions.Invalid(owner.Identity, new Dictionary<string, string[]> { [parameter.Name] = ["The value must not be null."] });
        }

        _all.Add(new Upload<TItem>(parameter, source, link, links, call, owner));
    }

    /// <summary>What the server says of a stream. Returns what is wrong with it; null if nothing is.</summary>
    public string? Take(StreamMessageKind kind, string parameter, ReadOnlySpan<byte> body)
    {
        if (_all.Find(upload => upload.Name == parameter) is not { } upload)
        {
            return $"the call sends no stream '{parameter}'";
        }

        if (kind == StreamMessageKind.Cancel)
        {
            upload.Stop();
            return null;
        }

        try
        {
            (long bytes, long? items) = StreamBodies.ReadGrant(body);
            upload.OnGrant(bytes, items ?? long.MaxValue);
            return null;
        }
        catch (JsonException e)
        {
            return $"a grant cannot be read: {e.Message}";
        }
    }

    /// <summary>Sends nothing more.</summary>
    public void Stop() => _all.ForEach(static upload => upload.Stop());

    /// <summary>Sends nothing more, and waits until the sources are disposed.</summary>
    public Task StopAsync()
    {
        Stop();
        return Ended;
    }
}
