using System.Diagnostics;

namespace RpcGen.Transport.RabbitMq;

/// <summary>Bytes read from a socket that the reader has not asked for yet. Not thread-safe.</summary>
internal sealed class ReadAhead(int size)
{
    private readonly byte[] _bytes = new byte[size];
    private int _next;
    private int _end;

    /// <summary>Whether bytes are left to take.</summary>
    public bool HasData => _next < _end;

    /// <summary>Where the socket reads to.</summary>
    public Memory<byte> Buffer => _bytes;

    /// <summary>The socket has read <paramref name="count"/> bytes into <see cref="Buffer"/>.</summary>
    public void Fill(int count)
    {
        Debug.Assert(!HasData, "Bytes that were not taken would be lost.");
        (_next, _end) = (0, count);
    }

    /// <summary>Moves as many bytes as there are, or fit, into <paramref name="target"/>. Returns how many.</summary>
    public int Take(Span<byte> target)
    {
        int count = Math.Min(target.Length, _end - _next);
        _bytes.AsSpan(_next, count).CopyTo(target);
        _next += count;
        return count;
    }
}
