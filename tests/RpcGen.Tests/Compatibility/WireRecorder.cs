using RpcGen.Transport;

namespace RpcGen.Tests.Compatibility;

/// <summary>Records what is published, in order, with ids that are the same in each run. Thread-safe.</summary>
internal sealed class WireRecorder
{
    private readonly Lock _gate = new();
    private readonly WireIds _ids = new();
    private readonly List<WireStep> _steps = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IReadOnlyList<WireStep> Steps
    {
        get
        {
            lock (_gate)
            {
                return [.. _steps];
            }
        }
    }

    public void Add(in OutgoingMessage message, bool isFromClient)
    {
        WireMessage written = WireMessage.Write(in message, isFromClient);
        lock (_gate)
        {
            WireMessage numbered = _ids.Number(written);
            if (_steps.Count > 0 && _steps[^1].Message is { } last && numbered.Continues(last))
            {
                _steps[^1] = new WireStep(last with { Body = [.. last.Body, .. numbered.Body] });
                return;
            }

            Append(new WireStep(numbered));
        }
    }

    public void Add(TimeSpan pause, bool isForHandler)
    {
        lock (_gate)
        {
            Append(new WireStep(null, pause, isForHandler));
        }
    }

    /// <summary>Waits until so many messages are recorded.</summary>
    public async Task WaitAsync(int messages)
    {
        while (true)
        {
            Task added;
            lock (_gate)
            {
                if (_steps.Count(step => step.Message is { IsProbe: false }) >= messages)
                {
                    return;
                }

                added = _added.Task;
            }

            await added.WaitAsync(Support.Bounds.Soon);
        }
    }

    private void Append(WireStep step)
    {
        _steps.Add(step);
        TaskCompletionSource added = _added;
        _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        added.TrySetResult();
    }
}
