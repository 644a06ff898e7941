using System.Diagnostics.Metrics;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Watches how many calls of a queue a server holds that have not started.</summary>
internal sealed class WaitingCalls : IAsyncDisposable
{
    private readonly MeterListener _listener = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private int _peak;

    public WaitingCalls(string queue)
    {
        _listener.InstrumentPublished = static (instrument, listener) =>
        {
            if (instrument.Meter.Name == RpcTelemetry.Name && instrument.Name == "rpcgen.server.call.queued")
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<int>((_, count, tags, _) => Note(queue, count, tags));
        _listener.Start();
        _watching = WatchAsync();
    }

    /// <summary>Ends the watch, and returns the most calls that were seen.</summary>
    public async Task<int> StopAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        return _peak;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _listener.Dispose();
        _stop.Dispose();
    }

    private void Note(string queue, int count, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            if (tag.Key == "messaging.destination.name" && Equals(tag.Value, queue))
            {
                _peak = Math.Max(_peak, count);
            }
        }
    }

    private async Task WatchAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _listener.RecordObservableInstruments();
            await Task.Delay(1);
        }
    }
}
