using System.Buffers;
using System.Diagnostics;

namespace RpcGen.Protocol;

/// <summary>
/// A growing buffer on an array of the shared pool. It keeps a small array between uses. Not thread-safe.
/// </summary>
internal sealed class PooledBuffer : IBufferWriter<byte>
{
    private const int SmallSize = 512;
    private const int LargestKept = 8 * 1024;
    private byte[] _array = [];

    /// <summary>The number of bytes written.</summary>
    public int Length { get; private set; }

    /// <summary>The bytes written. Valid until the next write.</summary>
    public ReadOnlyMemory<byte> Written => _array.AsMemory(0, Length);

    public void Advance(int count)
    {
        Debug.Assert(Length + count <= _array.Length, "Only bytes that were reserved can be written.");
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _array.AsSpan(Length);
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_array.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Drops what was written after a length.</summary>
    public void Truncate(int length)
    {
        Debug.Assert(length <= Length, "A buffer is only shortened.");
        Length = length;
    }

    /// <summary>Empties the buffer for its next use.</summary>
    public void Reset()
    {
        Length = 0;
        if (_array.Length > LargestKept)
        {
            Release();
        }
    }

    /// <summary>Returns the array to the pool.</summary>
    public void Release()
    {
        byte[] array = _array;
        _array = [];
        Length = 0;
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void Reserve(int sizeHint)
    {
        int needed = Length + Math.Max(sizeHint, 1);
        if (needed <= _array.Length)
        {
            return;
        }

        int doubled = (int)Math.Min(2L * _array.Length, Array.MaxLength);
        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Max(Math.Max(needed, SmallSize), doubled));
        _array.AsSpan(0, Length).CopyTo(larger);
        if (_array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_array);
        }

        _array = larger;
    }
}
