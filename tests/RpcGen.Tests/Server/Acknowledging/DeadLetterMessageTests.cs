using RpcGen.Server.Acknowledging;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Server.Acknowledging;

/// <summary>What a dead letter takes over from its request.</summary>
public sealed class DeadLetterMessageTests
{
    private static readonly DeadLetterReason Reason = new(new CorrelationId("7"), "Send", "internal", new string('x', 5000));

    [Fact]
    public void Headers_of_the_broker_and_forged_reasons_are_not_taken_over()
    {
        Delivery request = Deliver(new()
        {
            ["tenant"] = "acme",
            ["traceparent"] = "00-1",
            ["CC"] = new List<object?> { "another.queue" }, // the broker would send a copy there
            ["x-death"] = new List<object?>(),
            ["rpcgen-queue"] = "forged",
        });

        Assert.Null(DeadLetterMessage.DescribeProblem(request));
        OutgoingMessage letter = DeadLetterMessage.Create("dead", "q", request, Reason, DateTimeOffset.UnixEpoch);

        Assert.Equal(["rpcgen-code", "rpcgen-queue", "rpcgen-reason", "rpcgen-time", "tenant", "traceparent"], letter.Headers!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(("q", 0L, 4096), (letter.Headers["rpcgen-queue"], letter.Headers["rpcgen-time"], ((string)letter.Headers["rpcgen-reason"]!).Length));
        Assert.Equal(("", "dead", true, true, (byte)3, "Send"), (letter.Exchange, letter.RoutingKey, letter.IsMandatory, letter.IsPersistent, letter.Priority, letter.Type));
        Assert.Equal("body", System.Text.Encoding.UTF8.GetString(letter.Body.Span));
        Assert.Null(letter.UserId);
        Assert.Null(letter.ReplyTo);
    }

    [Theory]
    [InlineData(0, false, 4, null, "broadcast")]
    [InlineData(1, true, 4, null, "cannot be read")]
    [InlineData(1, false, 3, null, "MaxMessageBytes")]
    [InlineData(1, false, 4, "gzip", "content encoding")]
    public void What_could_not_be_passed_on_unchanged_is_rejected(ulong tag, bool isUnreadable, int maxBytes, string? encoding, string problem)
    {
        var request = new Delivery();
        request.Begin(new IncomingMessage { DeliveryTag = tag, IsUnreadable = isUnreadable, ContentEncoding = encoding, Body = "body"u8.ToArray() }, 0, maxBytes);

        Assert.Contains(problem, DeadLetterMessage.DescribeProblem(request), StringComparison.Ordinal);
    }

    [Fact]
    public void Headers_that_cannot_be_sent_again_are_a_reason_to_reject()
    {
        Assert.Contains("tables", DeadLetterMessage.DescribeProblem(Deliver(new() { ["list"] = new List<object?>() })), StringComparison.Ordinal);
        Assert.Contains("too large", DeadLetterMessage.DescribeProblem(Deliver(new() { ["long"] = new string('x', 70_000) })), StringComparison.Ordinal);
    }

    private static Delivery Deliver(Dictionary<string, object?> headers)
    {
        var request = new Delivery();
        request.Begin(new IncomingMessage { DeliveryTag = 1, Priority = 3, UserId = "guest", Headers = headers, Body = "body"u8.ToArray() }, 0, 1024);
        return request;
    }
}
