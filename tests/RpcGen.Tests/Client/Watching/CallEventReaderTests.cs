using System.Text;
using RpcGen.Protocol;

namespace RpcGen.Tests.Client.Watching;

/// <summary>Any peer that knows the callback queue can send events.</summary>
public sealed class CallEventReaderTests
{
    [Fact]
    public void An_event_has_what_was_sent()
    {
        CallEvents events = Read("""{"instance":"i","omitted":3,"later":1,"events":[{"id":"1","method":"Place","outcome":"cancelled","code":"timeout","ms":1.5,"waited":2,"redelivered":true,"trace":"t","at":1000,"later":{}},{}]}""")!;

        RpcCallEvent first = events.Events[0];
        Assert.Equal(("i", "1", "Place", RpcCallOutcome.Cancelled, "timeout"), (first.Service.Instance.Id, first.CallId, first.Method, first.Outcome, first.FaultCode));
        Assert.Equal((TimeSpan.FromMilliseconds(1.5), TimeSpan.FromMilliseconds(2), true, "t", DateTimeOffset.UnixEpoch.AddSeconds(1)), (first.Duration, first.Waited, first.IsRedelivered, first.TraceId, first.EndedAt));
        Assert.Equal((null, "", RpcCallOutcome.Faulted, null), (events.Events[1].CallId, events.Events[1].Method, events.Events[1].Outcome, events.Events[1].Duration));
        Assert.Equal(3, events.Omitted);
    }

    [Theory]
    [InlineData("answered", RpcCallOutcome.Answered)]
    [InlineData("faulted", RpcCallOutcome.Faulted)]
    [InlineData("refused", RpcCallOutcome.Refused)]
    [InlineData("something new", RpcCallOutcome.Faulted)]
    public void Outcomes_have_names(string name, RpcCallOutcome outcome) =>
        Assert.Equal(outcome, Read($$"""{"instance":"i","events":[{"outcome":"{{name}}"}]}""")!.Events[0].Outcome);

    [Theory]
    [InlineData("")]
    [InlineData("7")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"instance":7,"events":[]}""")]
    [InlineData("""{"instance":"i","events":{}}""")]
    [InlineData("""{"instance":"i","events":[7]}""")]
    [InlineData("""{"instance":"i","omitted":1e300,"events":[]}""")]
    [InlineData("""{"instance":"i","events":[{"ms":1e300}]}""")]
    [InlineData("""{"instance":"i","events":[{"ms":"1"}]}""")]
    [InlineData("""{"instance":"i","events":[{"at":9223372036854775807}]}""")]
    [InlineData("""{"instance":"i","events":[{"redelivered":"x"}]}""")]
    [InlineData("""{"instance":"i","instance":"j","events":[]}""")]
    public void A_message_that_is_none_is_ignored(string json) => Assert.Null(Read(json));

    [Fact]
    public void Counts_below_zero_and_too_many_events_do_not_count()
    {
        string events = string.Join(',', Enumerable.Repeat("{}", CallEventReader.MaxEvents + 1));

        CallEvents read = Read($$"""{"instance":"i","omitted":-5,"events":[{{events}}]}""")!;

        Assert.Equal((CallEventReader.MaxEvents, 0), (read.Events.Length, read.Omitted));
    }

    private static CallEvents? Read(string json) => CallEventReader.TryRead(Encoding.UTF8.GetBytes(json), id => new RpcServiceInstance { Instance = new RpcInstance { Id = id } });
}
