using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <summary>
/// Whether the calls of one method may share messages: once a reply has said that the server understands that, and for as
/// long as its handlers are quick. Thread-safe.
/// </summary>
internal sealed class BatchedMethod(string name, CallLane lane)
{
    /// <summary>So many quick calls in a row make up for a slow one.</summary>
    private const int Hesitation = 16;

    private int _quickCallsNeeded = 1;

    /// <summary>The name as it is written between quotes.</summary>
    public JsonEncodedText Name { get; } = JsonEncodedText.Encode(name);

    /// <summary>The way that its calls share with others.</summary>
    public CallLane Lane => lane;

    /// <summary>Whether a call may share a message now.</summary>
    public bool MayShare => Volatile.Read(ref _quickCallsNeeded) == 0 && !lane.IsClosed;

    /// <summary>A reply of its own says, in its <c>content_type</c>, what the server thinks of sharing; nothing if it does not know of that.</summary>
    public void Report(string? contentType)
    {
        if (contentType is null || !contentType.Contains(';', StringComparison.Ordinal))
        {
            return;
        }

        if (contentType.EndsWith(WireNames.Batchable, StringComparison.Ordinal))
        {
            Report(isQuick: true);
        }
        else if (contentType.EndsWith(WireNames.Unbatchable, StringComparison.Ordinal))
        {
            Report(isQuick: false);
        }
    }

    /// <summary>A call has been answered.</summary>
    public void Report(bool isQuick)
    {
        if (!isQuick)
        {
            Volatile.Write(ref _quickCallsNeeded, Hesitation);
        }
        else if (Volatile.Read(ref _quickCallsNeeded) is > 0 and int needed)
        {
            Interlocked.CompareExchange(ref _quickCallsNeeded, needed - 1, needed);
        }
    }
}
