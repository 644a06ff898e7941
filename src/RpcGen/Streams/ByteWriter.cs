namespace RpcGen.Streams;

/// <summary>Writes pieces of bytes, which can be larger than what fits into one message. One producer.</summary>
/// <param name="sender">Sends the bytes.</param>
internal sealed class ByteWriter(StreamSender sender)
{
    private int _written;

    /// <summary>Writes a piece, or its rest after an earlier call. Returns false if there is no room: the caller then passes the same piece again.</summary>
    public bool TryWrite(ReadOnlyMemory<byte> piece)
    {
        _written += sender.WriteBytes(piece.Span[_written..]);
        if (_written < piece.Length)
        {
            return false;
        }

        _written = 0;
        return true;
    }

    /// <summary>The function that writes the items of a stream.</summary>
    /// <param name="sender">Sends the items.</param>
    /// <param name="items">The items.</param>
    public static Func<TItem, bool> For<TItem>(StreamSender sender, Generated.RpcItems<TItem> items) => items.IsRaw
        ? (Func<TItem, bool>)(object)new Func<ReadOnlyMemory<byte>, bool>(new ByteWriter(sender).TryWrite)
        : item => sender.TryWrite(item, items.Type);
}
