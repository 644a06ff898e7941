using RabbitMQ.Client;
using RpcGen.Transport.RabbitMq;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Which tables the client library can decode, and what replaces the others.</summary>
public sealed class FieldTableTests
{
    public static TheoryData<string, byte[]> ReadableValues => new()
    {
        { "no value", [(byte)'V'] },
        { "bool", [(byte)'t', 1] },
        { "signed octet", [(byte)'b', 255] },
        { "octet", [(byte)'B', 255] },
        { "signed 16 bits", [(byte)'s', 1, 2] },
        { "16 bits", [(byte)'u', 1, 2] },
        { "signed 32 bits", [(byte)'I', 1, 2, 3, 4] },
        { "32 bits", [(byte)'i', 1, 2, 3, 4] },
        { "float", [(byte)'f', 1, 2, 3, 4] },
        { "signed 64 bits", [(byte)'l', 1, 2, 3, 4, 5, 6, 7, 8] },
        { "double", [(byte)'d', 1, 2, 3, 4, 5, 6, 7, 8] },
        { "timestamp", [(byte)'T', 255, 255, 255, 255, 255, 255, 255, 255] },
        { "decimal of the largest scale", Decimal(28) },
        { "negative decimal", [(byte)'D', 0, 255, 255, 255, 255] },
        { "text", Text("text") },
        { "octets", [(byte)'x', 0, 0, 0, 2, 1, 2] },
        { "empty text", [(byte)'S', 0, 0, 0, 0] },
        { "empty table", [(byte)'F', 0, 0, 0, 0] },
        { "empty array", [(byte)'A', 0, 0, 0, 0] },
        { "table", [(byte)'F', .. Table(Entry("a", (byte)'t', 1), Entry("b", Text("x")))] },
        { "array", [(byte)'A', 0, 0, 0, 3, (byte)'V', (byte)'t', 0] },
        { "tables of the deepest level", NestedTables(FieldTable.MaxDepth - 1) },
        { "arrays of the deepest level", NestedArrays(FieldTable.MaxDepth - 1) },
    };

    public static TheoryData<string, byte[]> UnreadableValues => new()
    {
        { "decimal of scale 29", Decimal(29) },
        { "decimal of scale 255", Decimal(255) },
        { "decimal in a table", [(byte)'F', .. Table(Entry("d", Decimal(30)))] },
        { "decimal in an array", [(byte)'A', 0, 0, 0, 6, .. Decimal(30)] },
        { "unknown type", [(byte)'?', 0, 0, 0, 0] },
        { "type 0", [0, 0, 0, 0, 0] },
        { "text beyond its table", [(byte)'S', 0, 0, 0, 5, 1, 2, 3, 4] },
        { "text of 2 GiB", [(byte)'S', 0x7F, 255, 255, 255, 1, 2, 3, 4] },
        { "text of 4 GiB", [(byte)'S', 255, 255, 255, 255, 1, 2, 3, 4] },
        { "octets beyond their table", [(byte)'x', 0, 0, 0, 2, 1] },
        { "table beyond its table", [(byte)'F', 0, 0, 0, 3, 0, (byte)'V'] },
        { "array beyond its table", [(byte)'A', 0, 0, 0, 2, (byte)'V'] },
        { "array of 4 GiB", [(byte)'A', 255, 255, 255, 255, (byte)'V'] },
        { "value beyond its array", [(byte)'A', 0, 0, 0, 2, (byte)'I', 0, 0, 0, 0] },
        { "value beyond its inner table", [(byte)'F', 0, 0, 0, 3, 0, (byte)'I', 0, 0, 0, 0] },
        { "name beyond its inner table", [(byte)'F', 0, 0, 0, 2, 5, 0, 0, 0, 0] },
        { "inner table that ends after a name", [(byte)'F', 0, 0, 0, 1, 0] },
        { "tables one level too deep", NestedTables(FieldTable.MaxDepth) },
        { "arrays one level too deep", NestedArrays(FieldTable.MaxDepth) },
        { "tables that overflow the stack", NestedTables(21_000) },
        { "arrays that overflow the stack", NestedArrays(26_000) },
    };

    [Theory]
    [MemberData(nameof(ReadableValues))]
    public void Readable_values_stay_as_they_are(string name, byte[] value)
    {
        byte[] entries = [.. Entry("first", value), .. Entry("second", value)];

        Assert.True(FieldTable.IsReadable(entries), name);
        Assert.Equal(2, Decode(entries).Count);
    }

    [Theory]
    [MemberData(nameof(UnreadableValues))]
    public void Unreadable_values_are_found_wherever_they_stand(string name, byte[] value)
    {
        Assert.False(FieldTable.IsReadable(Entry("only", value)), name);
        Assert.False(FieldTable.IsReadable([.. Entry("good", Text("x")), .. Entry("bad", value)]), name);
        Assert.False(FieldTable.IsReadable(Entry("inner", [(byte)'F', .. Table(Entry("bad", value))])), name);
    }

    [Theory]
    [MemberData(nameof(ReadableValues))]
    public void A_truncated_value_is_unreadable(string name, byte[] value)
    {
        byte[] entries = Entry("only", value);
        for (int length = 1; length < entries.Length; length++)
        {
            Assert.False(FieldTable.IsReadable(entries.AsSpan(0, length)), $"{name}, {length} of {entries.Length} octets");
        }
    }

    [Fact]
    public void An_empty_table_is_readable() => Assert.True(FieldTable.IsReadable([]));

    [Fact]
    public void A_blank_table_of_every_length_is_readable_and_recognized()
    {
        for (int length = FieldTable.MinBlankLength; length < 1000; length++)
        {
            byte[] entries = [.. Enumerable.Repeat((byte)0xEE, length)];

            FieldTable.Blank(entries, length);

            Assert.True(FieldTable.IsReadable(entries), $"{length} octets");
            Assert.Equal([FieldTable.BlankName], Decode(entries).Keys);
        }
    }

    private static IDictionary<string, object?> Decode(byte[] entries) =>
        new ReadOnlyBasicProperties([0x20, 0, .. Length(entries.Length), .. entries]).Headers!;
}
