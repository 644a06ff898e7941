using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Protocol;

namespace RpcGen.Streams;

/// <content>Values that count only until the next one: a producer never waits.</content>
internal sealed partial class StreamSender
{
    /// <summary>
    /// Writes a value. If the receiver is too slow, it replaces those that were written and not sent. Does nothing once the stream has ended. Any
    /// thread can write.
    /// </summary>
    /// <exception cref="ItemTooLargeException">The value alone exceeds the limit for messages.</exception>
    public void WriteLatest<TItem>(TItem value, JsonTypeInfo<TItem> type)
    {
        if (IsEnding)
        {
            return;
        }

        var written = new PooledBuffer();
        try
        {
            Serialize(written, value, type); // not under the lock: getters and converters are the user's
            int limit = Math.Min(links.Settings.MaxMessageBytes, links.Limit.MaxBytes);
            if (written.Length + 2 > limit)
            {
                throw new ItemTooLargeException(written.Length + 2, limit);
            }

            Perform(Keep(written));
        }
        finally
        {
            written.Release();
        }
    }

    private SenderAction Keep(PooledBuffer value)
    {
        lock (_gate)
        {
            if (_state.Stage is SenderStage.Ending or SenderStage.Closed)
            {
                return SenderAction.None;
            }

            bool replaces = _state.IsHeldUp || _gathering.Length + value.Length + 2 > StreamLimits.MessageBytes; // a receiver can grant any number of bytes
            if (replaces)
            {
                _gathering.Reset();
            }

            _gathering.Write(_gathering.Length == 0 ? "["u8 : ","u8);
            _gathering.Write(value.Written.Span);
            return replaces ? _state.OnReplaced(_gathering.Length) : _state.OnWritten(_gathering.Length);
        }
    }

    private bool IsEnding
    {
        get
        {
            lock (_gate)
            {
                return _state.Stage is SenderStage.Ending or SenderStage.Closed;
            }
        }
    }
}
