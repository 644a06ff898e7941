using System.Diagnostics;
using OpenTelemetry.Trace;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>One call is one trace, from its caller to the innermost handler.</summary>
public abstract class TracingTests(ITestBroker broker) : FailureTest(broker)
{
    private const string Service = "RpcGen.EndToEnd.Tests.Contracts.Troublemaker";

    [Fact]
    public async Task Caller_handler_and_nested_call_are_one_trace()
    {
        ITroublemaker? nested = null;
        await ServeAsync(async (text, token) => text == "outer" ? await nested!.DoIdempotentlyAsync("inner", token) : Activity.Current!.Id!);
        nested = await CreateClientAsync();
        ITroublemaker client = await CreateClientAsync();
        using var spans = Spans.Collect();

        Task<string> call = client.DoAsync("outer", Cancel);
        Assert.Same(spans.Root, Activity.Current);
        string innermost = await call;

        Activity[] all = await spans.WaitAsync(4);
        Assert.Equal(4, all.Length);
        Activity outerClient = Assert.Single(all, span => span.Kind == ActivityKind.Client && span.DisplayName == $"{Service}/Do");
        Activity outerServer = Assert.Single(all, span => span.Kind == ActivityKind.Server && span.DisplayName == $"{Service}/Do");
        Activity innerClient = Assert.Single(all, span => span.Kind == ActivityKind.Client && span.DisplayName == $"{Service}/DoIdempotently");
        Activity innerServer = Assert.Single(all, span => span.Kind == ActivityKind.Server && span.DisplayName == $"{Service}/DoIdempotently");
        Assert.Equal(spans.Root.SpanId, outerClient.ParentSpanId);
        Assert.Equal(outerClient.SpanId, outerServer.ParentSpanId);
        Assert.Equal(outerServer.SpanId, innerClient.ParentSpanId);
        Assert.Equal(innerClient.SpanId, innerServer.ParentSpanId);
        Assert.Equal(innerServer.Id, innermost);
        Assert.True(outerServer.HasRemoteParent);
        Assert.All(all, span => Assert.Equal(ActivityStatusCode.Unset, span.Status));
    }

    [Fact]
    public async Task Spans_follow_the_conventions()
    {
        string? callId = null;
        await ServeAsync((_, _) =>
        {
            callId = RpcCallContext.Current!.CallId;
            return Task.FromResult("");
        });
        ITroublemaker client = await CreateClientAsync();
        using var spans = Spans.Collect();

        await client.DoAsync("", Cancel);

        foreach (Activity span in await spans.WaitAsync(2))
        {
            Assert.Equal("rpcgen", span.GetTagItem("rpc.system.name"));
            Assert.Equal($"{Service}/Do", span.GetTagItem("rpc.method"));
            Assert.Equal(Queue, span.GetTagItem("messaging.destination.name"));
            Assert.Equal(callId, span.GetTagItem("messaging.message.conversation_id"));
            Assert.Null(span.GetTagItem("error.type"));
            Assert.True(span.Duration > TimeSpan.Zero);
            bool isOnHost = span.Kind == ActivityKind.Client && Broker is RabbitNode;
            Assert.Equal(Queue, span.GetTagItem("server.address"));
            Assert.Equal(isOnHost ? "rabbitmq" : null, span.GetTagItem("messaging.system"));
        }
    }

    [Fact]
    public async Task Only_failures_of_the_server_are_errors_of_its_span()
    {
        await ServeAsync((text, _) => throw (text == "quota" ? new QuotaExceededException("Enough.", 1, []) : new InvalidOperationException("Secret.")));
        ITroublemaker client = await CreateClientAsync();
        using var spans = Spans.Collect();

        await Assert.ThrowsAsync<QuotaExceededException>(() => client.DoWithQuotaAsync("quota", Cancel));
        await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("internal", Cancel));

        Activity[] all = await spans.WaitAsync(4);
        Activity declaredAtClient = Assert.Single(all, span => span.Kind == ActivityKind.Client && span.DisplayName.EndsWith("DoWithQuota", StringComparison.Ordinal));
        Activity declaredAtServer = Assert.Single(all, span => span.Kind == ActivityKind.Server && span.DisplayName.EndsWith("DoWithQuota", StringComparison.Ordinal));
        Activity internalAtClient = Assert.Single(all, span => span.Kind == ActivityKind.Client && span.DisplayName.EndsWith("/Do", StringComparison.Ordinal));
        Activity internalAtServer = Assert.Single(all, span => span.Kind == ActivityKind.Server && span.DisplayName.EndsWith("/Do", StringComparison.Ordinal));
        Assert.Equal(("quota", "quota", ActivityStatusCode.Error, "Enough."), Outcome(declaredAtClient));
        Assert.Equal(("quota", null, ActivityStatusCode.Unset, null), Outcome(declaredAtServer));
        Assert.Equal(("internal", "internal", ActivityStatusCode.Error), (Outcome(internalAtClient).Code, Outcome(internalAtClient).Error, internalAtClient.Status));
        Assert.DoesNotContain("Secret", internalAtClient.StatusDescription, StringComparison.Ordinal);
        Assert.Equal(("internal", "internal", ActivityStatusCode.Error, "Secret."), Outcome(internalAtServer));
        Assert.Empty(internalAtServer.Events);
    }

    [Fact]
    public async Task A_call_without_a_reply_is_reported_by_its_exception()
    {
        ITroublemaker client = await CreateClientAsync();
        using var spans = Spans.Collect();

        await Assert.ThrowsAsync<RpcUnavailableException>(() => client.DoAsync("", Cancel));

        Assert.Equal((null, "RpcGen.RpcUnavailableException", ActivityStatusCode.Error), Outcome(Assert.Single(await spans.WaitAsync(1))) switch { var (code, error, status, _) => (code, error, status) });
    }

    [Fact]
    public async Task Unknown_methods_share_one_name()
    {
        await ServeAsync((_, _) => Task.FromResult(""));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        using var spans = Spans.Collect();

        await peer.SendAsync(Queue, "{}", type: "Nope", headers: new Dictionary<string, object?> { ["traceparent"] = spans.Root.Id });

        Assert.Equal("unknown-method", (await peer.NextAsync()).FaultCode);
        Activity span = Assert.Single(await spans.WaitAsync(1));
        Assert.Equal(("rpcgen", "_OTHER", "Nope"), (span.DisplayName, span.GetTagItem("rpc.method"), span.GetTagItem("rpc.method_original")));
        Assert.Equal(("unknown-method", null, ActivityStatusCode.Unset, null), Outcome(span));
    }

    [Fact]
    public async Task Trace_state_and_baggage_are_sent()
    {
        await ServeAsync((_, _) => Task.FromResult(
            $"{Activity.Current!.TraceStateString} {string.Join(' ', Activity.Current.Baggage.Select(entry => $"{entry.Key}={entry.Value}"))} {RpcCallContext.Current!.Metadata.Count}"));
        ITroublemaker client = await CreateClientAsync();
        using var spans = Spans.Collect();
        spans.Root.TraceStateString = "vendor=1";
        spans.Root.AddBaggage("user", "Ada, of \"London\"=;").AddBaggage("second", "ü");

        Assert.Equal("vendor=1 second=ü user=Ada, of \"London\"=; 1", await client.With(metadata: new() { ["a"] = "b" }).DoAsync("", Cancel));
    }

    [Fact]
    public async Task An_unsampled_trace_stays_unsampled()
    {
        await ServeAsync((_, _) => Task.FromResult(Activity.Current is { } current ? $"{current.TraceId} {current.Recorded}" : "none"));
        ITroublemaker client = await CreateClientAsync();
        using var spans = Spans.Collect(new AlwaysOffSampler());

        Assert.Equal($"{spans.Root.TraceId} False", await client.DoAsync("", Cancel));
        Assert.Empty(spans.EndedInAnyTrace());
    }

    [Fact]
    public async Task Each_call_of_a_batch_has_its_own_parent()
    {
        await ServeAsync((text, _) => Task.FromResult($"{Activity.Current?.ParentSpanId}"));
        ITroublemaker client = await CreateClientAsync();
        await client.DoIdempotentlyAsync("the server tells that it understands batches", Cancel);
        using var spans = Spans.Collect();

        string[] parents = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => client.DoIdempotentlyAsync("", Cancel))).OrFail();

        Activity[] all = await spans.WaitAsync(600);
        Assert.Equal(600, all.Length);
        Assert.Equal(all.Where(span => span.Kind == ActivityKind.Client).Select(span => span.SpanId.ToString()).Order(), parents.Order());
    }

    [Fact]
    public async Task An_entry_of_a_batch_names_its_parent()
    {
        await ServeAsync((_, _) => Task.FromResult($"{Activity.Current!.TraceId} {Activity.Current.ParentSpanId}"));
        await using RawPeer peer = await RawPeer.ConnectAsync(Broker);
        using var spans = Spans.Collect();

        await peer.SendAsync(
            Queue,
            $$"""[["0000000000000001","DoIdempotently",60000,{"text":""},"{{spans.Root.Id}}"]]""",
            type: "$batch",
            headers: new Dictionary<string, object?> { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });

        Assert.Equal($$"""[["0000000000000001","{{spans.Root.TraceId}} {{spans.Root.SpanId}}"]]""", (await peer.NextAsync()).Body);
    }

    [Fact]
    public async Task Without_listeners_no_trace_is_sent()
    {
        await using RawPeer server = await RawPeer.ConnectAsync(Broker, serves: Queue);
        ITroublemaker client = await CreateClientAsync();
        using var ambient = new Activity("of somebody else");
        ambient.Start();

        Task<string> call = client.DoAsync("", Cancel);

        Received request = await server.NextAsync();
        Assert.Null(request.Headers);
        await server.SendAsync(request.ReplyTo!, "\"\"", type: null, correlationId: request.CorrelationId, replyTo: null);
        await call.OrFail();
    }

    private static (object? Code, object? Error, ActivityStatusCode Status, string? Description) Outcome(Activity span) =>
        (span.GetTagItem("rpc.status_code"), span.GetTagItem("error.type"), span.Status, span.StatusDescription);
}

[Collection(ListensToAll.Name)]
public sealed class TracingTestsInMemory(MemoryBroker broker) : TracingTests(broker), IClassFixture<MemoryBroker>;

[Collection(ListensToAll.Name)]
public sealed class TracingTestsOnRabbitMq(SharedRabbit broker) : TracingTests(broker)
{
    /// <summary>The client library's spans lie between ours if there is a listener for them.</summary>
    [Fact]
    public async Task Spans_of_the_client_library_belong_to_the_trace()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("", await client.DoAsync("", Cancel)); // the exchange is probed before the first call
        using var spans = Spans.Collect(null, "RabbitMQ.Client.Publisher", "RabbitMQ.Client.Subscriber");

        Assert.Equal("x", await client.DoAsync("x", Cancel));

        Activity[] all = await spans.WaitAsync(6);
        Assert.Empty(spans.EndedInAnyTrace().Except(all));
        Activity ofClient = Assert.Single(all, span => span.Kind == ActivityKind.Client);
        Activity ofServer = Assert.Single(all, span => span.Kind == ActivityKind.Server);
        Activity request = Assert.Single(all, span => span.Kind == ActivityKind.Producer && span.ParentSpanId == ofClient.SpanId);
        Activity reply = Assert.Single(all, span => span.Kind == ActivityKind.Producer && span.ParentSpanId == ofServer.SpanId);
        Assert.Equal(request.SpanId, ofServer.ParentSpanId);
        Assert.NotEqual(request, reply);
    }
}
