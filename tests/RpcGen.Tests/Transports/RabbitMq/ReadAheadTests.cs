using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

public sealed class ReadAheadTests
{
    [Fact]
    public void Bytes_are_taken_once_and_in_order()
    {
        var read = new ReadAhead(8);
        Assert.False(read.HasData);
        Assert.Equal(8, read.Buffer.Length);
        new byte[] { 1, 2, 3 }.CopyTo(read.Buffer);
        read.Fill(3);
        byte[] target = new byte[4];

        Assert.True(read.HasData);
        Assert.Equal(2, read.Take(target.AsSpan(0, 2)));
        Assert.True(read.HasData);
        Assert.Equal(1, read.Take(target.AsSpan(2)));
        Assert.False(read.HasData);
        Assert.Equal(0, read.Take(target));
        Assert.Equal([1, 2, 3, 0], target);

        new byte[] { 9 }.CopyTo(read.Buffer);
        read.Fill(1);
        Assert.Equal(1, read.Take(target));
        Assert.Equal(9, target[0]);
    }
}
