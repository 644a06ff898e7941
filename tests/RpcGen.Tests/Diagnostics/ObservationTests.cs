using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Diagnostics;

[Collection("telemetry")]
public sealed class ObservationTests
{
    private readonly ManualTime _time = new();
    private readonly string _service = $"s{Guid.NewGuid():N}";

    private string Method => $"{_service}/Add";

    private CallLabel Label => field ??= new CallLabel(_service, "Add", "the queue");

    [Fact]
    public void A_label_names_the_method()
    {
        Assert.Equal((Method, Method), (Label.Method, Label.SpanName));
        Assert.Same(Label.Method, Label.Method);
        Assert.Same(Label.Tags, Label.Tags);
        Assert.Equal([new("rpc.system.name", "rpcgen"), new("rpc.method", Method), new("server.address", "the queue"), new("messaging.destination.name", "the queue")], Label.Tags);

        var unknown = new CallLabel(_service, TelemetryNames.Other, "q");
        Assert.Equal(("_OTHER", "rpcgen"), (unknown.Method, unknown.SpanName));
    }

    [Fact]
    public void A_scope_has_method_and_call_id()
    {
        var scope = new CallLogScope("Add", "id");

        Assert.Equal([new("RpcMethod", "Add"), new("RpcCallId", "id")], scope);
        Assert.Equal(2, scope.Count);
        Assert.Equal("RpcMethod:Add RpcCallId:id", scope.ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => scope[2]);
        Assert.Equal(2, ((System.Collections.IEnumerable)scope).Cast<object>().Count());
    }

    [Fact]
    public void Without_listeners_nothing_is_observed()
    {
        Assert.Null(ClientObservation.Begin(Label, _time));
        Assert.Null(ServerObservation.Begin(Label, _time, 0, null, null));
    }

    [Fact]
    public void A_client_s_result()
    {
        using var telemetry = new Telemetry(Method);
        using var outer = new Activity("outer");
        outer.Start();
        ClientObservation observation = ClientObservation.Begin(Label, _time)!;
        Activity span = observation.Span!;
        Assert.Same(span, observation.Traced);
        Assert.Same(outer, Activity.Current);
        Assert.Equal((outer.Id, ActivityKind.Client, _time.GetUtcNow().UtcDateTime), (span.ParentId, span.Kind, span.StartTimeUtc));
        _time.Advance(TimeSpan.FromSeconds(2));

        observation.End(exception: null, "id", isRemote: true);

        Assert.Equal((TimeSpan.FromSeconds(2), ActivityStatusCode.Unset), (span.Duration, span.Status));
        Assert.Same(outer, Activity.Current);
        AssertTags(span.TagObjects, ("messaging.message.conversation_id", "id"), ("messaging.system", "rabbitmq"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method), ("server.address", "the queue"), ("messaging.destination.name", "the queue"));
        (string name, double value, Dictionary<string, object?> tags) = Assert.Single(telemetry.Measured);
        Assert.Equal(("rpc.client.call.duration", 2.0), (name, value));
        AssertTags(tags, ("server.address", "the queue"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method));
    }

    [Fact]
    public void The_end_of_a_span_leaves_another_current_span_alone()
    {
        using var telemetry = new Telemetry(Method);
        ClientObservation observation = ClientObservation.Begin(Label, _time)!;
        using var other = new Activity("other");
        other.Start();

        observation.End(exception: null, "id", isRemote: false);

        Assert.Same(other, Activity.Current);
    }

    [Fact]
    public void A_client_s_failure()
    {
        using var telemetry = new Telemetry(Method);
        ClientObservation fault = ClientObservation.Begin(Label, _time)!;
        fault.FaultCode = "validation";
        fault.End(new InvalidOperationException("why"), "id", isRemote: false);
        ClientObservation lost = ClientObservation.Begin(Label, _time)!;
        lost.End(new IOException("lost"), callId: null, isRemote: false);

        Assert.Equal((ActivityStatusCode.Error, "why"), (fault.Span!.Status, fault.Span.StatusDescription));
        AssertTags(telemetry.Measured[0].Tags, ("rpc.status_code", "validation"), ("error.type", "validation"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method), ("server.address", "the queue"));
        AssertTags(telemetry.Measured[1].Tags, ("error.type", "System.IO.IOException"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method), ("server.address", "the queue"));
        Assert.DoesNotContain(lost.Span!.TagObjects, tag => tag.Key == "messaging.system");
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, null)]
    [InlineData(2, 2)]
    public void Only_a_repeated_call_s_span_has_its_attempts(int attempts, int? tag)
    {
        using var telemetry = new Telemetry(Method);
        ClientObservation observation = ClientObservation.Begin(Label, _time)!;
        observation.Attempts = attempts;

        observation.End(exception: null, "id", isRemote: false);

        Assert.Equal(tag, observation.Span!.GetTagItem("rpcgen.attempts"));
    }

    [Fact]
    public void A_client_s_span_that_is_not_recorded_leaves_the_trace_to_the_current_one()
    {
        using var telemetry = new Telemetry("another");
        using var outer = new Activity("outer");
        outer.Start();

        ClientObservation observation = ClientObservation.Begin(Label, _time)!;

        Assert.Null(observation.Span);
        Assert.Same(outer, observation.Traced);
        observation.End(null, null, isRemote: false);
    }

    [Fact]
    public void Measurements_need_no_spans()
    {
        using var telemetry = new Telemetry(Method, spans: false);
        ClientObservation client = ClientObservation.Begin(Label, _time)!;
        ServerObservation server = ServerObservation.Begin(Label, _time, _time.GetTimestamp(), null, null)!;
        Assert.Null(client.Span);
        Assert.Null(client.Traced);
        Assert.Null(server.Span);
        _time.Advance(TimeSpan.FromSeconds(1));

        client.End(null, null, isRemote: false);
        server.Describe("id", null, isRedelivered: true);
        server.End(null, null, null);

        Assert.Equal([("rpc.client.call.duration", 1.0), ("rpc.server.call.duration", 1.0)], telemetry.Measured.Select(measured => (measured.Name, measured.Value)));
    }

    [Fact]
    public void Spans_need_no_measurements()
    {
        using var telemetry = new Telemetry(Method, measurements: false);

        Assert.NotNull(ClientObservation.Begin(Label, _time)!.Span);
        using Activity? span = ServerObservation.Begin(Label, _time, 0, null, null)!.Span;
        Assert.NotNull(span);
        span.Stop();
    }

    [Fact]
    public void A_server_s_result()
    {
        using var telemetry = new Telemetry(Method);
        long receivedAt = _time.GetTimestamp();
        DateTime received = _time.GetUtcNow().UtcDateTime;
        _time.Advance(TimeSpan.FromSeconds(1));
        var headers = new Dictionary<string, object?> { ["baggage"] = "a=1,b=2" };

        ServerObservation observation = ServerObservation.Begin(Label, _time, receivedAt, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", headers)!;
        Activity span = observation.Span!;
        Assert.Same(span, Activity.Current);
        observation.Describe("id", originalMethod: null, isRedelivered: false);
        _time.Advance(TimeSpan.FromSeconds(1));
        observation.End(faultCode: null, error: null, exception: null);

        Assert.Null(Activity.Current);
        Assert.Equal(("b7ad6b7169203331", ActivityKind.Server, received, TimeSpan.FromSeconds(2)), (span.ParentSpanId.ToString(), span.Kind, span.StartTimeUtc, span.Duration));
        Assert.Equal([new("a", "1"), new("b", "2")], span.Baggage);
        AssertTags(span.TagObjects, ("messaging.message.conversation_id", "id"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method), ("server.address", "the queue"), ("messaging.destination.name", "the queue"));
        (string name, double value, Dictionary<string, object?> tags) = Assert.Single(telemetry.Measured);
        Assert.Equal(("rpc.server.call.duration", 2.0), (name, value));
        AssertTags(tags, ("rpc.system.name", "rpcgen"), ("rpc.method", Method));
    }

    [Fact]
    public void A_server_s_failure()
    {
        using var telemetry = new Telemetry(Method);
        ServerObservation observation = ServerObservation.Begin(Label, _time, 0, traceParent: "nonsense", headers: null)!;
        Activity span = observation.Span!;
        observation.Describe("id", "Sub", isRedelivered: true);
        observation.End("internal", "internal", new InvalidOperationException("a bug"));

        Assert.Null(span.ParentId);
        Assert.Equal((ActivityStatusCode.Error, "a bug"), (span.Status, span.StatusDescription));
        Assert.Empty(span.Events); // the log has the exception
        AssertTags(span.TagObjects, ("rpc.method_original", "Sub"), ("rpcgen.redelivered", true), ("rpc.status_code", "internal"), ("error.type", "internal"), ("messaging.message.conversation_id", "id"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method), ("server.address", "the queue"), ("messaging.destination.name", "the queue"));
        AssertTags(telemetry.Measured[0].Tags, ("rpc.status_code", "internal"), ("error.type", "internal"), ("rpc.system.name", "rpcgen"), ("rpc.method", Method));
    }

    [Fact]
    public void A_span_is_current_for_a_while()
    {
        using var outer = new Activity("outer");
        using var inner = new Activity("inner");
        using var stopped = new Activity("stopped");
        stopped.Start().Stop();
        inner.Start();
        outer.Start();

        using (RpcTracing.Enter(inner))
        {
            Assert.Same(inner, Activity.Current);
        }

        Assert.Same(outer, Activity.Current);
        using (RpcTracing.Enter(null))
        {
            Assert.Same(outer, Activity.Current);
        }

        using (RpcTracing.Enter(stopped))
        {
            Assert.Same(outer, Activity.Current);
        }

        Assert.Same(outer, Activity.Current);
    }

    [Fact]
    public void Loads_are_counted_on_collection_one_measurement_a_name()
    {
        using var telemetry = new Telemetry(_service);
        Load one = new(_service, 1, 10), two = new(_service, 2, 20), other = new("other", 100, 100);
        RpcMetrics.ClientLoad.Add(one);
        RpcMetrics.ClientLoad.Add(two);
        RpcMetrics.ClientLoad.Add(two);
        RpcMetrics.ServerLoad.Add(one);
        RpcMetrics.ClientLoad.Add(other);

        telemetry.Collect();
        RpcMetrics.ClientLoad.Remove(two);
        RpcMetrics.ServerLoad.Remove(one);
        telemetry.Collect();
        RpcMetrics.ClientLoad.Remove(one);
        RpcMetrics.ClientLoad.Remove(other);
        telemetry.Collect();

        Assert.Equal(
            [("rpcgen.client.call.active", 3), ("rpcgen.client.call.queued", 30), ("rpcgen.server.call.active", 1), ("rpcgen.server.call.queued", 10), ("rpcgen.client.call.active", 1), ("rpcgen.client.call.queued", 10)],
            telemetry.Measured.Select(measured => (measured.Name, (int)measured.Value)));
        Assert.Equal(["network.peer.address", "network.peer.address", "messaging.destination.name", "messaging.destination.name", "network.peer.address", "network.peer.address"], telemetry.Measured.Select(measured => measured.Tags.Keys.Single()));
        Assert.Equal(new("rpcgen.reason", "late"), RpcMetrics.Reason("late"));
    }

    private static void AssertTags(IEnumerable<KeyValuePair<string, object?>> actual, params (string Name, object? Value)[] expected) => Assert.Equal(
        expected.OrderBy(tag => tag.Name, StringComparer.Ordinal),
        actual.Select(tag => (tag.Key, tag.Value)).OrderBy(tag => tag.Key, StringComparer.Ordinal));

    private sealed class Load(string name, int active, int queued) : ICallLoad
    {
        public string LoadName => name;

        public (int Active, int Queued) CountCalls() => (active, queued);
    }
}
