using System.Buffers.Binary;
using System.Text;
using BenchmarkDotNet.Attributes;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Benchmarks.Micro;

/// <summary>What checking inbound frames costs a message: three frames, with the properties of a request.</summary>
[MemoryDiagnoser]
public class FrameGuardBenchmarks
{
    private const int Messages = 64;
    private readonly FrameGuard _guard = new();
    private readonly byte[] _withoutHeaders = Repeat(Message(headers: []));
    private readonly byte[] _withThreeHeaders = Repeat(Message(
    [
        ("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tenant", "contoso"),
        ("user", "alice@contoso.example"),
    ]));

    [Benchmark(OperationsPerInvoke = Messages)]
    public int WithoutHeaders() => _guard.Check(_withoutHeaders);

    [Benchmark(OperationsPerInvoke = Messages)]
    public int WithThreeHeaders() => _guard.Check(_withThreeHeaders);

    private static byte[] Repeat(byte[] message) => [.. Enumerable.Repeat(message, Messages).SelectMany(bytes => bytes)];

    private static byte[] Message((string Name, string Value)[] headers)
    {
        byte[] body = [.. Enumerable.Repeat((byte)' ', 100)];
        byte[] table = [.. headers.SelectMany(header => (byte[])[.. ShortString(header.Name), (byte)'S', .. LongString(Encoding.UTF8.GetBytes(header.Value))])];
        byte[] headersProperty = headers.Length == 0 ? [] : LongString(table);
        byte[] properties =
        [
            (byte)(headers.Length == 0 ? 0x97 : 0xB7), 0x60, // content type, headers, delivery mode, correlation id, reply to, expiration; timestamp, type
            .. ShortString("application/json"), .. headersProperty, 1, .. ShortString("0123456789abcdef"), .. ShortString("rpc.cb.0123456789abcdef"),
            .. ShortString("30000"), .. new byte[8], .. ShortString("Add"),
        ];
        return
        [
            .. Frame(1, [0, 60, 0, 60, .. ShortString("c1"), .. new byte[9], .. ShortString(""), .. ShortString("calc")]),
            .. Frame(2, [0, 60, 0, 0, 0, 0, 0, 0, 0, 0, 0, (byte)body.Length, .. properties]),
            .. Frame(3, body),
        ];
    }

    private static byte[] Frame(byte type, byte[] payload) => [type, 0, 1, .. LongString(payload), 0xCE];

    private static byte[] ShortString(string text) => [(byte)text.Length, .. Encoding.ASCII.GetBytes(text)];

    private static byte[] LongString(byte[] bytes)
    {
        byte[] length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, bytes.Length);
        return [.. length, .. bytes];
    }
}
