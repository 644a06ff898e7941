using System.Text.Json;
using RpcGen.Server.Running;
using RpcGen.Tests.Diagnostics;

namespace RpcGen.Tests.Server.Running;

/// <summary>Callers that ask for more time than the server gives can still wait when their call ends.</summary>
[Collection("telemetry")]
public sealed class TimeLimitFaultTests
{
    private readonly TestServer _server = new();

    [Theory]
    [InlineData(null, "'echo' took longer than 1800 s, the longest time that RpcServerOptions.MaxTimeout gives a call. To allow more, raise it, or set [RpcTimeout] on the method.")]
    [InlineData(2000, "'echo' took longer than 2 s, the longest time that its [RpcTimeout] gives a call, even if the caller asks for more.")]
    public async Task A_caller_that_asked_for_more_than_the_cap_is_told_about_it(int? declared, string detail)
    {
        ServerCall call = null!;
        _server.Serve(
            (_, token) =>
            {
                call.CancelIfLate(call.Deadline);
                throw new OperationCanceledException(token);
            },
            method: json => new TestMethod(json, "echo") { Limit = declared is { } milliseconds ? TimeSpan.FromMilliseconds(milliseconds) : null });
        call = _server.Begin(TestServer.Request(expiration: "4294967294"));

        CallOutcome outcome = await _server.Dispatcher.HandleAsync(call, _ => default).Soon();

        Assert.Equal((CallOutcome.Faulted, "timeout", detail), (outcome, call.FaultCode, JsonElement.Parse(call.Reply.Written.Span).GetProperty("detail").GetString()));
        Assert.Equal(declared ?? 1_800_000, _server.Time.GetElapsedTime(call.Delivery.ReceivedAt, call.Deadline).TotalMilliseconds);
    }
}
