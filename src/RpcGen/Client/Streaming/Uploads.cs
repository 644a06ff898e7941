using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client.Streaming;

/// <summary>The streams that a call sends, and its progress. Filled before the request is sent; thread-safe from then on.</summary>
/// <param name="link">The link.</param>
/// <param name="links">The settings of all streams.</param>
/// <param name="call">The call, which counts messages.</param>
/// <param name="owner">The call.</param>
internal sealed class Uploads(StreamLink link, StreamLinks links, StreamCall call, IUploadOwner owner) : RpcStreamSources
{
    /// <summary>How often a server is told, at most, that the caller takes no progress of a name.</summary>
    private const int MaxUnwanted = 64;

    private readonly List<Upload> _all = [];
    private readonly List<ProgressSink> _progress = [];

    /// <summary>The progress that the caller does not take, and whether the server was told. Accessed by the consumer's thread.</summary>
    private readonly Dictionary<string, bool> _unwanted = new(StringComparer.Ordinal);

    /// <summary>Completes when all streams are sent or stopped, and their enumerators disposed. Never fails.</summary>
    public Task Ended => Task.WhenAll(_all.Select(upload => upload.Ended));

    /// <summary>Whether the call sends no stream.</summary>
    public bool IsEmpty => _all.Count == 0;

    /// <summary>Whether progress has come.</summary>
    public bool IsHeard => _progress.Exists(sink => sink.IsHeard);

    /// <summary>What a source has failed with; null if none has.</summary>
    public Exception? Failure => _all.Select(upload => upload.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>What has failed while progress was passed on; null if nothing has.</summary>
    public Exception? ProgressFailure => _progress.Select(sink => sink.Failure).FirstOrDefault(failure => failure is not null);

    /// <summary>What the server can send of each progress before the first grant, in bytes; null without progress.</summary>
    public long? Window => _progress.Count == 0 ? null : _progress.Min(sink => sink.Window);

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

    /// <inheritdoc/>
    /// <exception cref="RpcValidationException">The source is null.</exception>
    public override void AddBytes(RpcByteStreamProperty parameter, Stream source) =>
        Add(parameter.Pieces, source is null ? null! : new ByteSource(source, leavesOpen: true));

    /// <inheritdoc/>
    public override void AddProgress<TItem>(RpcProgressProperty<TItem> parameter, IProgress<TItem>? progress)
    {
        if (progress is null)
        {
            _unwanted.Add(parameter.Name, false);
        }
        else
        {
            _progress.Add(new ProgressSink<TItem>(parameter, progress, link, links, call, owner));
        }
    }

    /// <summary>Whether a message about a parameter is one that the client takes.</summary>
    public bool Takes(StreamMessageKind kind, string parameter) => kind is StreamMessageKind.Grant or StreamMessageKind.Cancel
        ? _all.Exists(upload => upload.Name == parameter)
        : _progress.Exists(sink => sink.Name == parameter) || _unwanted.ContainsKey(parameter);

    /// <summary>What the server says of a parameter. Returns what is wrong with it; null if nothing is.</summary>
    public string? Take(StreamMessageKind kind, string parameter, in IncomingMessage message) => kind is StreamMessageKind.Grant or StreamMessageKind.Cancel
        ? TakeForUpload(kind, parameter, message.Body.Span)
        : TakeProgress(kind, parameter, in message);

    /// <summary>The first progress whose end is missing, although the result is here; null if all have ended.</summary>
    public string? FindIncomplete() => _progress.Find(sink => sink.IsOpen)?.Name;

    /// <summary>No more progress comes. What has come is still passed on.</summary>
    public void EndProgress() => _progress.ForEach(static sink => sink.End());

    /// <summary>The caller waits no longer.</summary>
    public void InterruptProgress(Exception exception) => _progress.ForEach(sink => sink.Interrupt(exception));

    /// <summary>Sends nothing more.</summary>
    public void Stop() => _all.ForEach(static upload => upload.Stop());

    /// <summary>Sends nothing more, and waits until the sources are disposed and all progress is passed on. To be called once the call is over.</summary>
    public Task StopAsync()
    {
        Stop();
        return Task.WhenAll(_progress.Select(sink => sink.Ended).Prepend(Ended));
    }

    private string? TakeForUpload(StreamMessageKind kind, string parameter, ReadOnlySpan<byte> body)
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

    private string? TakeProgress(StreamMessageKind kind, string parameter, in IncomingMessage message)
    {
        if (kind is not (StreamMessageKind.Item or StreamMessageKind.End) || _all.Exists(upload => upload.Name == parameter))
        {
            return $"the call takes no progress '{parameter}'";
        }

        if (_progress.Find(sink => sink.Name == parameter) is not { } sink)
        {
            Refuse(parameter); // the caller passed none, or the server's contract is newer
            return null;
        }

        if (ItemMessage.FindProblem(in message) is { } problem)
        {
            return problem;
        }

        sink.OnMessage(kind, in message);
        return null;
    }

    private void Refuse(string progress)
    {
        _unwanted.TryGetValue(progress, out bool isTold);
        if (!isTold && (_unwanted.Count < MaxUnwanted || _unwanted.ContainsKey(progress)))
        {
            _unwanted[progress] = true;
            _ = link.SendAsync(call, link.To(call.PeerQueue, StreamMessageKinds.About(StreamMessageKinds.Cancel, progress), call.WireId)).AsTask();
        }
    }
}
