using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Diagnostics;

/// <summary>Calls that interceptors repeat.</summary>
[Collection("telemetry")]
public sealed class ObservedAttemptTests
{
    private readonly ManualTime _time = new();
    private readonly string _service = $"s{Guid.NewGuid():N}";

    private string Method => $"{_service}/Add";

    private CallLabel Label => field ??= new CallLabel(_service, "Add", "the queue");

    [Fact]
    public void Attempts_belong_to_the_span_and_the_measurement_of_their_call()
    {
        using var telemetry = new Telemetry(Method);
        ClientObservation whole = ClientObservation.Begin(Label, _time)!;
        Activity span = whole.Span!;
        var refusal = new InvalidOperationException("busy");
        ClientObservation first = whole.BeginAttempt(), second = whole.BeginAttempt();
        Assert.Same(span, first.Traced);
        (first.Attempts, first.FaultCode) = (1, "overloaded");
        first.End(refusal, "one", isRemote: true);
        _time.Advance(TimeSpan.FromSeconds(3));
        second.Attempts = 2;
        second.End(exception: null, "two", isRemote: true);
        Assert.Empty(telemetry.Measured);

        whole.EndWhole(exception: null);

        Assert.Equal((TimeSpan.FromSeconds(3), ActivityStatusCode.Unset), (span.Duration, span.Status));
        Assert.Equal((3, "two", "rabbitmq"), (span.GetTagItem("rpcgen.attempts"), span.GetTagItem("messaging.message.conversation_id"), span.GetTagItem("messaging.system")));
        Assert.Equal([("rpcgen.attempt", "one", "overloaded"), ("rpcgen.attempt", "two", null)], span.Events.Select(attempt => (attempt.Name, TagOf(attempt, "messaging.message.conversation_id"), TagOf(attempt, "error.type"))));
        Assert.Equal("rpc.client.call.duration", Assert.Single(telemetry.Measured).Name);

        static string? TagOf(ActivityEvent attempt, string name) => (string?)attempt.Tags.FirstOrDefault(tag => tag.Key == name).Value;
    }

    [Theory]
    [InlineData(true, "overloaded")]
    [InlineData(false, null)]
    public void A_call_has_the_code_of_its_last_attempt_unless_an_interceptor_makes_the_outcome(bool isOfAttempt, string? code)
    {
        using var telemetry = new Telemetry(Method);
        ClientObservation whole = ClientObservation.Begin(Label, _time)!;
        ClientObservation attempt = whole.BeginAttempt();
        attempt.FaultCode = "overloaded";
        var refusal = new InvalidOperationException("busy");
        attempt.End(refusal, "one", isRemote: false);

        whole.EndWhole(isOfAttempt ? refusal : new IOException("circuit"));

        Assert.Equal(code, telemetry.Measured[0].Tags.GetValueOrDefault("rpc.status_code"));
        Assert.Equal(code ?? "System.IO.IOException", telemetry.Measured[0].Tags["error.type"]);
    }
}
