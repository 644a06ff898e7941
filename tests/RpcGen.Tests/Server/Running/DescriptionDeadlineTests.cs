using RpcGen.Protocol;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class DescriptionDeadlineTests
{
    [Theory]
    [InlineData(0, CallOutcome.Faulted)] // nobody satisfies the policy
    [InlineData(1, CallOutcome.Dropped)]
    public async Task A_question_that_is_late_is_not_answered(int seconds, object expected)
    {
        var server = new TestServer { DescriptionPolicy = "" };
        server.Serve((text, _) => new(text));
        ServerCall call = server.Begin(TestServer.Request(WireNames.Describe, expiration: "1000"));
        server.Time.Advance(TimeSpan.FromSeconds(seconds));

        CallOutcome outcome = await server.Dispatcher.HandleAsync(call, _ => default).Soon();

        Assert.Equal((expected, expected is CallOutcome.Dropped), (outcome, call.Reply.Length == 0));
    }
}
