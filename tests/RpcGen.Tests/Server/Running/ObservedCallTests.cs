using RpcGen.Tests.Diagnostics;
using RpcGen.Tests.Server.Consuming;

namespace RpcGen.Tests.Server.Running;

/// <summary>What is measured of requests.</summary>
[Collection("telemetry")]
public sealed class ObservedCallTests : ServeLinkTest
{
    private readonly string _method = $"echo{Guid.NewGuid():N}";

    [Theory]
    [InlineData(null, null)]
    [InlineData("internal", "internal")]
    public async Task A_request_is_measured_once_with_its_outcome(string? code, string? error)
    {
        using var telemetry = new Telemetry($"q/{_method}");
        Server.Serve(
            (text, _) =>
            {
                Server.Time.Advance(TimeSpan.FromSeconds(2));
                return code is null ? new(text) : throw new InvalidOperationException("broken");
            },
            _method);
        await Server.Link.StartAsync(hasBroadcasts: false, Cancel).Soon();

        Server.Deliver(TestServer.Request(type: _method));

        await Channel.NextReplyAsync();
        await Server.Link.DrainAsync().Soon();
        (string name, double value, Dictionary<string, object?> tags) = Assert.Single(telemetry.Measured);
        Assert.Equal(("rpc.server.call.duration", 2.0), (name, value));
        Assert.Equal((code, error), (tags.GetValueOrDefault("rpc.status_code"), tags.GetValueOrDefault("error.type")));
    }
}
