using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>What a stream takes over from the call that opens it.</summary>
/// <param name="Context">The call's context. The stream ends it.</param>
/// <param name="Observation">The call's span and measurement; null without a listener. The stream ends it.</param>
/// <param name="EndLease">Ends the lease of the service, with its scope.</param>
internal sealed record StreamEstate(RpcCallContext Context, ServerObservation? Observation, Func<ValueTask> EndLease);

/// <summary>
/// A stream that this process serves, from the moment on when its source is known: enumerates the source, and has the items sent. The
/// source's enumerator is disposed once, never while it is being moved.
/// </summary>
internal sealed class ServedStream<TItem> : StreamCall, IServedStream
{
    private readonly StreamLink _link;
    private readonly RpcMethod _method;
    private readonly RpcItems<TItem> _items;
    private readonly OpenStreams _streams;
    private readonly StreamFaults _faults;
    private readonly StreamSender _sender;
    private StreamEstate? _estate;
    private string? _lostBecause;

    /// <param name="id">The call's id.</param>
    /// <param name="caller">The caller's stream queue.</param>
    /// <param name="link">The link.</param>
    /// <param name="offer">What the caller takes.</param>
    /// <param name="method">The method.</param>
    /// <param name="items">The items.</param>
    /// <param name="streams">The open streams of the server, in which the stream has a place.</param>
    /// <param name="faults">Writes the fault that the stream ends with.</param>
    public ServedStream(CorrelationId id, string caller, StreamLink link, StreamOffer offer, RpcMethod method, RpcItems<TItem> items, OpenStreams streams, StreamFaults faults)
        : base(id, caller)
    {
        _link = link;
        _method = method;
        _items = items;
        _streams = streams;
        _faults = faults;
        StreamLinks links = streams.Links;
        _sender = new StreamSender(link, this, offer, links.Settings.Beat, () => Math.Min(links.Settings.MaxMessageBytes, links.Limit.MaxBytes), () => _estate?.Context.ReplyHeaders)
        {
            OnGivenUp = FireToken,
        };
    }

    /// <summary>Completes when the caller knows who serves its call, or the stream is over: the request is needed no more.</summary>
    public Task Announced => _sender.Announced;

    /// <summary>Sends all items of a source. Never fails.</summary>
    /// <param name="source">The source.</param>
    /// <param name="estate">What the stream takes over.</param>
    public async Task RunAsync(IAsyncEnumerable<TItem> source, StreamEstate estate)
    {
        Volatile.Write(ref _estate, estate);
        Exception? failure = null;
        try
        {
            if (_sender.IsClosed)
            {
                estate.Context.Cancel(); // given up before it was known here
            }

            failure = await SendAllAsync(source, estate.Context.CancellationToken).ConfigureAwait(false);
            await EndAsync(estate, failure).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A log or listener of the application that throws. The caller learns by the next beat that the stream is gone.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure ??= e;
            _sender.GiveUp();
        }
        finally
        {
            await ReleaseAsync(estate).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override void OnMessage(StreamMessageKind kind, in IncomingMessage message)
    {
        if (kind == StreamMessageKind.Cancel)
        {
            Cancel();
            return;
        }

        try
        {
            (long bytes, long items) = StreamBodies.ReadGrant(message.Body.Span);
            _sender.OnGrant(bytes, items);
        }
        catch (JsonException e)
        {
            Fail(FaultCodes.Protocol, $"A grant cannot be read: {e.Message}");
        }
    }

    /// <inheritdoc/>
    public override void OnLost(StreamLoss loss)
    {
        _lostBecause = loss.Reason;
        if (loss.Kind == StreamLossKind.MessagesLost)
        {
            Fail(FaultCodes.Protocol, "Messages of the client were lost on the way.");
        }
        else
        {
            _sender.GiveUp();
        }
    }

    /// <inheritdoc/>
    public void Cancel() => _sender.GiveUp();

    /// <inheritdoc/>
    public async Task InterruptAsync()
    {
        if (!_sender.IsClosed)
        {
            await PublishFaultAsync(FaultCodes.Interrupted, "The server stopped before the stream had ended.").ConfigureAwait(false);
            _lostBecause = "the server stopped";
            _sender.GiveUp();
        }
    }

    /// <summary>Enumerates the source. Returns what it has failed with; null for the end, or if nobody wants more.</summary>
    private async Task<Exception?> SendAllAsync(IAsyncEnumerable<TItem> source, CancellationToken cancellationToken)
    {
        IAsyncEnumerator<TItem>? enumerator = null;
        Exception? failure = null;
        try
        {
            enumerator = source.GetAsyncEnumerator(cancellationToken);
            await SendItemsAsync(enumerator).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every exception of a handler becomes a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            failure = e;
        }

        return await DisposeAsync(enumerator).ConfigureAwait(false) is { } late ? failure ?? late : failure;
    }

    private async Task SendItemsAsync(IAsyncEnumerator<TItem> enumerator)
    {
        while (!_sender.IsClosed)
        {
            ValueTask<bool> next = enumerator.MoveNextAsync();
            if (!next.IsCompleted)
            {
                _sender.OnProducerWaits();
            }

            if (!await next.ConfigureAwait(false))
            {
                return;
            }

            while (!_sender.TryWrite(enumerator.Current, _items.Type))
            {
                await _sender.WaitForRoomAsync().ConfigureAwait(false);
            }

            await _sender.WaitForRoomAsync().ConfigureAwait(false);
        }
    }

    private static async ValueTask<Exception?> DisposeAsync(IAsyncEnumerator<TItem>? enumerator)
    {
        if (enumerator is null)
        {
            return null;
        }

        try
        {
            await enumerator.DisposeAsync().ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }
    }

    /// <summary>Has the end sent, and ends the observation.</summary>
    private async Task EndAsync(StreamEstate estate, Exception? failure)
    {
        bool isWanted = !_sender.IsClosed;
        string? code = null;
        if (isWanted)
        {
            _sender.Complete(failure is null ? default : _faults.FromException(_method, WireId.ToString(), failure, out code));
            await _sender.Ended.ConfigureAwait(false);
        }

        estate.Observation?.Span?.SetTag(TelemetryNames.StreamItems, _sender.SentItems);
        string? error = isWanted
            ? FaultCodes.IsServersFailure(code) ? code : null
            : _lostBecause is null ? FaultCodes.Cancelled : FaultCodes.Interrupted;
        estate.Observation?.End(code, error, error is not null && isWanted ? failure : null);
    }

    private async ValueTask ReleaseAsync(StreamEstate estate)
    {
        _link.Remove(this);
        await estate.EndLease().ConfigureAwait(false);
        estate.Context.End();
        _streams.Leave(this);
    }

    private void FireToken() => Volatile.Read(ref _estate)?.Context.Cancel();

    private void Fail(string code, string reason)
    {
        _ = PublishFaultAsync(code, reason);
        _sender.GiveUp();
    }

    /// <summary>Tells the caller at once, without what is gathered.</summary>
    private Task<bool> PublishFaultAsync(string code, string reason) =>
        _link.TryPublishAsync(_link.To(ServedFor!, WireNames.Fault, WireId, StreamFaults.Create(code, "The stream was interrupted.", reason))).AsTask();
}
