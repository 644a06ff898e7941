namespace RpcGen.Streams;

/// <summary>Reads messages of bytes: each is one piece. Not thread-safe.</summary>
internal sealed class ByteReader : StreamItemReader<ReadOnlyMemory<byte>>
{
    /// <inheritdoc/>
    public override bool TryRead()
    {
        ReadOnlyMemory<byte> body = Message.Body!.Written;
        if (IsRead || body.IsEmpty)
        {
            return false;
        }

        IsRead = true;
        Current = body;
        Count = body.Length;
        return true;
    }

    private bool IsRead { get; set; }

    /// <inheritdoc/>
    public override void Begin(ReceivedMessage message)
    {
        base.Begin(message);
        IsRead = false;
    }

    /// <inheritdoc/>
    public override void Release()
    {
        Current = default; // its buffer belongs to the message
        base.Release();
    }
}
