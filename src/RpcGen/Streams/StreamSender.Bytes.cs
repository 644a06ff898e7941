namespace RpcGen.Streams;

/// <content>Streams of bytes, which are sent as they are.</content>
internal sealed partial class StreamSender
{
    /// <summary>Writes bytes. Returns how many fit into the message that is gathered: wait for room, and write the rest.</summary>
    public int WriteBytes(ReadOnlySpan<byte> bytes)
    {
        SenderAction action;
        int count;
        lock (_gate)
        {
            if (bytes.IsEmpty || _state.Stage == SenderStage.Closed)
            {
                return bytes.Length; // nobody wants it
            }

            int limit = Math.Min(StreamLimits.ByteMessageBytes, Math.Min(links.Settings.MaxMessageBytes, links.Limit.MaxBytes));
            count = Math.Min(bytes.Length, Math.Max(0, limit - _gathering.Length));
            if (count == 0)
            {
                _isFull = true;
                return 0;
            }

            _gathering.Write(bytes[..count]);
            action = _state.OnWritten(_gathering.Length, count);
        }

        Perform(action);
        return count;
    }
}
