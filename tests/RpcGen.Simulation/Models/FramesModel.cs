using System.Text;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Simulation.Models;

/// <summary>A writer, and sends that end on other threads: two frames fit into the buffer, so writes wait for room too.</summary>
internal sealed class FramesModel : Model
{
    private const int FrameBytes = FrameGatherer.BufferSize / 2;
    private const string Frames = "abcd";

    private readonly StringBuilder _sent = new();
    private readonly FrameGatherer _gatherer;
    private bool _isSending;
    private Task? _writing;

    public FramesModel() => _gatherer = new FrameGatherer(Send, Time);

    public override IReadOnlyList<Action> Threads => [() => _writing = WriteAllAsync()];

    public override void Check()
    {
        Must(_writing is { IsCompletedSuccessfully: true }, "the writer waits for ever");
        Must(_sent.ToString() == Frames, $"'{_sent}' was sent instead of '{Frames}'");
    }

    private async Task WriteAllAsync()
    {
        foreach (char frame in Frames)
        {
            byte[] bytes = new byte[FrameBytes];
            bytes.AsSpan().Fill((byte)frame);
            await _gatherer.WriteAsync(bytes, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private ValueTask Send(ReadOnlyMemory<byte> bytes)
    {
        Must(!_isSending, "two sends at a time");
        _isSending = true;
        for (int start = 0; start < bytes.Length; start += FrameBytes)
        {
            _sent.Append((char)bytes.Span[start]);
        }

        var sending = new TaskCompletionSource();
        ThreadPool.UnsafeQueueUserWorkItem(
            _ =>
            {
                _isSending = false;
                sending.SetResult();
            },
            state: null);
        return new ValueTask(sending.Task);
    }
}
