using Microsoft.Extensions.Time.Testing;
using RpcGen.Protocol;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

public sealed class DescriptionDeadlineTests
{
    [Fact]
    public async Task A_clock_that_steps_back_shows_the_description_to_nobody()
    {
        var time = new SteppingTime();
        var server = new TestServer(time) { DescriptionPolicy = "" };
        server.Serve((text, _) => new(text));
        long now = time.GetUtcNow().ToUnixTimeSeconds();
        (CallOutcome refused, ServerCall refusal) = await server.HandleAsync(TestServer.Request(WireNames.Describe, expiration: "1000", timestamp: now));
        Assert.Equal((CallOutcome.Faulted, FaultCodes.PermissionDenied), (refused, refusal.FaultCode));

        time.Step = TimeSpan.FromHours(1);
        (CallOutcome outcome, ServerCall call) = await server.HandleAsync(TestServer.Request(WireNames.Describe, expiration: "1000", timestamp: now));

        Assert.Equal(TimeSpan.Zero, time.Step); // the deadline was read
        Assert.Equal((CallOutcome.Dropped, 0), (outcome, call.Reply.Length));
    }

    /// <summary>A clock that is wrong the next time it is read, and right after that.</summary>
    private sealed class SteppingTime() : FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero))
    {
        public TimeSpan Step { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            DateTimeOffset now = base.GetUtcNow() + Step;
            Step = TimeSpan.Zero;
            return now;
        }

        /// <summary>Durations do not step.</summary>
        public override long GetTimestamp() => base.GetUtcNow().UtcTicks;
    }
}
