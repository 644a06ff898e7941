using System.Buffers.Binary;
using System.Text;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Frames and tables of AMQP 0-9-1 as a broker sends them.</summary>
internal static class AmqpBytes
{
    public const byte Method = 1;
    public const byte Header = 2;
    public const byte Body = 3;
    public const byte Heartbeat = 8;

    /// <summary>An entry's value: a decimal of a scale.</summary>
    public static byte[] Decimal(byte scale) => [(byte)'D', scale, 0, 0, 0, 1];

    /// <summary>An entry's value: tables in tables, each with one entry without a name.</summary>
    public static byte[] NestedTables(int levels) => Nest(levels, (byte)'F', nameLength: 1);

    /// <summary>An entry's value: arrays in arrays.</summary>
    public static byte[] NestedArrays(int levels) => Nest(levels, (byte)'A', nameLength: 0);

    public static byte[] Text(string text) => [(byte)'S', .. Length(text.Length), .. Encoding.ASCII.GetBytes(text)];

    public static byte[] Entry(string name, params byte[] value) => [.. ShortString(name), .. value];

    /// <summary>A table with its length.</summary>
    public static byte[] Table(params byte[][] entries)
    {
        byte[] content = [.. entries.SelectMany(entry => entry)];
        return [.. Length(content.Length), .. content];
    }

    public static byte[] ShortString(string text) => [(byte)text.Length, .. Encoding.Latin1.GetBytes(text)];

    /// <summary>A property list with headers, a correlation id and an address for replies.</summary>
    public static byte[] Properties(byte[] table) => [0x26, 0x00, .. table, .. ShortString("id"), .. ShortString("reply")];

    public static byte[] Frame(byte type, ushort channel, byte[] payload) =>
        [type, (byte)(channel >> 8), (byte)channel, .. Length(payload.Length), .. payload, 0xCE];

    public static byte[] HeaderFrame(byte[] properties, int bodySize = 0, ushort channel = 1) =>
        Frame(Header, channel, [0, 60, 0, 0, 0, 0, 0, 0, .. Length(bodySize), .. properties]);

    public static byte[] MethodFrame(ushort channel, ushort classId, ushort methodId, params byte[][] arguments) =>
        Frame(Method, channel, [(byte)(classId >> 8), (byte)classId, (byte)(methodId >> 8), (byte)methodId, .. arguments.SelectMany(argument => argument)]);

    public static byte[] Deliver(ulong tag, ushort channel = 1, string consumer = "c1")
    {
        byte[] number = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(number, tag);
        return MethodFrame(channel, 60, 60, ShortString(consumer), number, [0], ShortString(""), ShortString("queue"));
    }

    /// <summary>A delivery's three frames.</summary>
    public static byte[] Message(ulong tag, byte[] properties, byte[] body, ushort channel = 1) =>
        [.. Deliver(tag, channel), .. HeaderFrame(properties, body.Length, channel), .. body.Length == 0 ? [] : Frame(Body, channel, body)];

    /// <param name="serverProperties">A table with its length.</param>
    public static byte[] ConnectionStart(byte[] serverProperties) =>
        MethodFrame(0, 10, 10, [0, 9], serverProperties, LongString("PLAIN"), LongString("en_US"));

    public static byte[] LongString(string text) => [.. Length(text.Length), .. Encoding.ASCII.GetBytes(text)];

    public static byte[] Length(int length)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }

    private static byte[] Nest(int levels, byte type, int nameLength)
    {
        int level = 1 + 4 + nameLength;
        byte[] value = new byte[(levels * level) + 1];
        for (int i = 0; i < levels; i++)
        {
            int at = i * level;
            value[at] = type;
            BinaryPrimitives.WriteInt32BigEndian(value.AsSpan(at + 1), value.Length - at - 5);
        }

        value[^1] = (byte)'V';
        return value;
    }
}
