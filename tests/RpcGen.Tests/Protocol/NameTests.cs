using RpcGen.Protocol;

namespace RpcGen.Tests.Protocol;

public sealed class NameTests
{
    [Theory]
    [InlineData(null, null, true)]
    [InlineData("", "", true)]
    [InlineData("application/json", null, true)]
    [InlineData("APPLICATION/Json", null, true)]
    [InlineData("application/json;charset=utf-8", null, true)]
    [InlineData("application/json ; batch=1", null, true)]
    [InlineData("application/jsonx", null, false)]
    [InlineData("application/jso", null, false)]
    [InlineData("text/plain", null, true)]
    [InlineData("application/problem+json", null, true)]
    [InlineData("application/xml", null, false)]
    [InlineData("application/json", "gzip", false)]
    [InlineData("application/json", "utf-8", true)]
    [InlineData("application/json", "UTF-8", true)]
    [InlineData("application/json", "utf-8, gzip", false)]
    [InlineData("application/json", "utf-16", false)]
    [InlineData(null, "gzip", false)]
    public void Bodies_are_readable_by_their_content_type(string? contentType, string? contentEncoding, bool isReadable) =>
        Assert.Equal(isReadable, ContentTypes.IsReadable(contentType, contentEncoding));

    [Fact]
    public void A_known_name_is_the_existing_string()
    {
        string name = new("Add");
        var names = new KnownNames([name, "Sub"]);

        Assert.True(names.TryGetValue("Add", out string? known));
        Assert.Same(name, known);
        Assert.False(names.TryGetValue("add", out _));
        Assert.False(names.TryGetValue("", out _));
    }

    [Theory]
    [InlineData(248, RpcBodyStyle.Object, false)]
    [InlineData(249, RpcBodyStyle.Object, true)]
    [InlineData(255, RpcBodyStyle.Bare, false)]
    [InlineData(256, RpcBodyStyle.Bare, true)]
    public void The_exchange_for_cancels_needs_room_in_the_name(int bytes, RpcBodyStyle style, bool isTooLong)
    {
        string queue = new string('ü', bytes / 2) + new string('x', bytes % 2);
        Exception? thrown = Record.Exception(() => QueueNames.ThrowIfTooLong(queue, style, "the queue"));

        Assert.Equal(isTooLong, thrown is ArgumentException { ParamName: "the queue" });
    }

    [Theory]
    [InlineData(245, false)]
    [InlineData(246, true)]
    public void The_exchange_for_broadcasts_needs_room_in_the_name(int bytes, bool isTooLong)
    {
        Exception? thrown = Record.Exception(() => QueueNames.ThrowIfTooLongToBroadcast(new string('x', bytes)));

        Assert.Equal(isTooLong, thrown is ArgumentException);
    }

    [Theory]
    [InlineData(null, false)]
    [InlineData("q", false)]
    [InlineData("", true)]
    [InlineData("amq.q", true)]
    [InlineData("amqp", false)]
    public void Names_of_queues_are_checked(string? queue, bool isInvalid) =>
        Assert.Equal(isInvalid, Record.Exception(() => QueueNames.ThrowIfInvalid(queue, "Queue")) is ArgumentException { ParamName: "Queue" });

    [Fact]
    public void Names_of_queues_have_at_most_255_bytes()
    {
        QueueNames.ThrowIfInvalid(new string('x', 255), "Queue");
        Assert.Throws<ArgumentException>(() => QueueNames.ThrowIfInvalid(new string('x', 256), "Queue"));
        Assert.Throws<ArgumentException>(() => QueueNames.ThrowIfInvalid(new string('ü', 128), "Queue"));
    }
}
