using System.Buffers;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Tests.Protocol;

public sealed class BufferTests
{
    [Fact]
    public void Grows_and_keeps_what_was_written()
    {
        var buffer = new PooledBuffer();
        byte[] expected = [.. Enumerable.Range(0, 5000).Select(i => (byte)i)];

        foreach (byte[] piece in expected.Chunk(700))
        {
            buffer.Write(piece);
        }

        Assert.Equal(expected.Length, buffer.Length);
        Assert.Equal(expected, buffer.Written.ToArray());
    }

    [Fact]
    public void Gives_room_for_what_is_asked()
    {
        var buffer = new PooledBuffer();
        Assert.Equal(0, buffer.Length);
        Assert.NotEqual(0, buffer.GetSpan().Length);
        Assert.InRange(buffer.GetSpan().Length, 512, 1024); // small at first
        Assert.InRange(buffer.GetMemory(3000).Length, 3000, int.MaxValue);

        "ab"u8.CopyTo(buffer.GetSpan(2));
        buffer.Advance(2);
        "cd"u8.CopyTo(buffer.GetMemory(2).Span);
        buffer.Advance(2);

        Assert.Equal("abcd", Encoding.UTF8.GetString(buffer.Written.Span));
    }

    [Fact]
    public void Gives_room_when_it_is_full()
    {
        var buffer = new PooledBuffer();
        buffer.Advance(buffer.GetSpan().Length);

        Assert.NotEqual(0, buffer.GetMemory().Length);
        buffer.Advance(buffer.GetSpan().Length);
        Assert.NotEqual(0, buffer.GetSpan().Length);
    }

    [Fact]
    public void Doubles_when_it_grows()
    {
        var buffer = new PooledBuffer();
        buffer.GetSpan(4096);
        buffer.Advance(4096);

        Assert.InRange(buffer.GetSpan(1).Length, 4096, int.MaxValue);
    }

    [Theory]
    [InlineData(8 * 1024, true)]
    [InlineData(8 * 1024 + 1, false)]
    public void Keeps_a_small_array_between_uses(int size, bool isKept)
    {
        var buffer = new PooledBuffer();
        buffer.GetSpan(size);
        buffer.Write("abc"u8);

        buffer.Reset();

        Assert.Equal(0, buffer.Length);
        Assert.Equal(0, buffer.Written.Length);
        Assert.Equal(isKept, buffer.GetSpan().Length >= 8 * 1024);
    }

    [Fact]
    public void A_released_buffer_can_be_used_again()
    {
        var buffer = new PooledBuffer();
        buffer.Release();
        buffer.Write("abc"u8);
        buffer.Release();
        Assert.Equal(0, buffer.Length);
        Assert.Equal(0, buffer.Written.Length);

        buffer.Write("de"u8);

        Assert.Equal("de", Encoding.UTF8.GetString(buffer.Written.Span));
        buffer.Release();
        buffer.Release();
    }

    [Fact]
    public void An_array_is_returned_to_the_pool_once()
    {
        // The pool hands out the array that was returned last on this thread.
        var buffer = new PooledBuffer();
        buffer.Write(new byte[100_000]);
        buffer.Release();
        byte[] first = ArrayPool<byte>.Shared.Rent(100_000);
        byte[] second = ArrayPool<byte>.Shared.Rent(100_000);

        Assert.NotSame(first, second);

        var growing = new PooledBuffer();
        growing.Write(new byte[100_000]);
        growing.Write(new byte[100_000]);
        byte[] outgrown = ArrayPool<byte>.Shared.Rent(100_000);
        growing.Write(new byte[1000]);
        outgrown.AsSpan().Fill(1);
        Assert.DoesNotContain((byte)1, growing.Written.ToArray());
    }

    [Fact]
    public void Arrays_go_back_to_the_pool_when_they_are_outgrown_or_released()
    {
        // The pool hands out the array that was returned last on this thread.
        var buffer = new PooledBuffer();
        buffer.Write(new byte[100_000]);
        byte[] first = ArrayOf(buffer);

        buffer.Write(new byte[first.Length]);

        Assert.Same(first, ArrayPool<byte>.Shared.Rent(first.Length));
        byte[] second = ArrayOf(buffer);
        buffer.Release();
        Assert.Same(second, ArrayPool<byte>.Shared.Rent(second.Length));
    }

    [Fact]
    public void Does_not_grow_for_what_just_fits()
    {
        var buffer = new PooledBuffer();
        buffer.Write("a"u8);
        byte[] array = ArrayOf(buffer);

        buffer.Write(new byte[array.Length - 1]);

        Assert.Same(array, ArrayOf(buffer));
    }

    [Fact]
    public void A_writer_is_used_again_on_its_thread()
    {
        var body = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        Utf8JsonWriter other = JsonWriters.Rent(new PooledBuffer());
        Assert.NotSame(writer, other);
        writer.WriteStringValue("ü<");
        writer.Flush();

        JsonWriters.Return(writer);

        Assert.Equal("\"ü<\"", Encoding.UTF8.GetString(body.Written.Span));
        body.Reset();
        Assert.Same(writer, JsonWriters.Rent(body));
        writer.WriteNumberValue(1);
        writer.Flush();
        Assert.Equal("1", Encoding.UTF8.GetString(body.Written.Span));
        Assert.NotSame(writer, JsonWriters.Rent(body));
        Assert.Equal(JsonLimits.MaxDepth, writer.Options.MaxDepth);
        Assert.True(writer.Options.SkipValidation);
    }

    [Fact]
    public void A_returned_writer_drops_what_was_not_flushed()
    {
        var body = new PooledBuffer();
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        writer.WriteNumberValue(12345);

        JsonWriters.Return(writer);
        Assert.Same(writer, JsonWriters.Rent(body));
        writer.Flush();

        Assert.Equal(0, writer.BytesPending + writer.BytesCommitted);
    }

    private static byte[] ArrayOf(PooledBuffer buffer) => MemoryMarshal.TryGetArray(buffer.Written, out ArraySegment<byte> segment) ? segment.Array! : throw new InvalidOperationException("The buffer has no array.");
}
