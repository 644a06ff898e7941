using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Server.Streaming;

/// <summary>A call that this process serves, and that returns a stream: enumerates the source, and has the items sent.</summary>
internal sealed class ServedStream<TItem> : ServedCall
{
    private readonly RpcItems<TItem> _items;
    private readonly StreamSender _sender;
    private TimeSpan _stalled;

    /// <param name="opening">What the call is opened with.</param>
    /// <param name="offer">What the caller takes.</param>
    /// <param name="items">The items.</param>
    public ServedStream(StreamOpening opening, StreamOffer offer, RpcItems<TItem> items)
        : base(opening)
    {
        _items = items;
        var credit = new StreamCredit(offer.Window, offer.Items == 0 ? long.MaxValue : offer.Items);
        _sender = new StreamSender(opening.Link, this, opening.Streams.Links, parameter: null, credit, items.IsRaw)
        {
            OnGivenUp = FireToken,
            Headers = () => Estate?.Context.ReplyHeaders,
        };
    }

    /// <inheritdoc/>
    public override Task Announced => Opening.Parameters is null ? _sender.Announced : Task.CompletedTask; // else the grants were sent

    /// <inheritdoc/>
    public override bool IsOver => _sender.IsClosed;

    /// <summary>Sends all items of a source. Never fails.</summary>
    /// <param name="open">Gets the source.</param>
    /// <param name="estate">What the stream takes over.</param>
    public async Task RunAsync(Func<ValueTask<IAsyncEnumerable<TItem>>> open, StreamEstate estate)
    {
        Exception? failure = null;
        try
        {
            Begin(estate);
            failure = await SendAllAsync(open, estate.Context.CancellationToken).ConfigureAwait(false);
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
    protected override void OnGrant(in IncomingMessage message)
    {
        try
        {
            (long bytes, long? items) = StreamBodies.ReadGrant(message.Body.Span);
            _sender.OnGrant(bytes, items ?? 0);
        }
        catch (JsonException e)
        {
            OnViolation($"A grant cannot be read: {e.Message}");
        }
    }

    /// <inheritdoc/>
    protected override void GiveUp() => _sender.GiveUp();

    private async Task<Exception?> SendAllAsync(Func<ValueTask<IAsyncEnumerable<TItem>>> open, CancellationToken cancellationToken)
    {
        IAsyncEnumerable<TItem> source;
        try
        {
            source = await open().ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Every exception of a handler becomes a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return e;
        }

        var pump = new StreamPump<TItem>(_sender, ByteWriter.For(_sender, _items), Opening.Streams.Links.Time) { OnWait = Opening.Parameters is null ? _sender.OnProducerWaits : null };
        Exception? failure = await pump.RunAsync(source, cancellationToken).ConfigureAwait(false);
        _stalled = pump.Stalled;
        return failure;
    }

    /// <summary>Has the end sent, and ends the observation.</summary>
    private async Task EndAsync(StreamEstate estate, Exception? failure)
    {
        bool isWanted = !_sender.IsClosed;
        string? code = null;
        if (isWanted)
        {
            _sender.Complete(failure is null ? default : WriteFault(failure, out code));
            await _sender.Ended.ConfigureAwait(false);
        }

        estate.Observation?.Span?.SetTag(TelemetryNames.StreamStalled, _stalled.TotalSeconds);
        EndObservation(estate, isWanted, code, _sender.SentItems, failure);
    }
}
