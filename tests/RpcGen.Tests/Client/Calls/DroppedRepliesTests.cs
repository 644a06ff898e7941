using RpcGen.Client.Calls;
using RpcGen.Tests.Diagnostics;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Client.Calls;

[Collection("telemetry")]
public sealed class DroppedRepliesTests
{
    private readonly RecordingLogger _log = new();

    [Theory]
    [InlineData("late")]
    [InlineData("unknown")]
    public void A_reply_that_no_call_waits_for_is_counted_with_its_reason_and_logged(string reason)
    {
        using var telemetry = new Telemetry(reason, spans: false);
        var dropped = new DroppedReplies(_log);
        Action<string> add = reason == "late" ? dropped.AddLate : dropped.AddUnknown;

        add("the id");

        Assert.Contains(telemetry.Measured, measured => (measured.Name, measured.Value) == ("rpcgen.client.reply.dropped", 1));
        Assert.Contains("the id", Assert.Single(_log.Entries).Message, StringComparison.Ordinal);
    }
}
