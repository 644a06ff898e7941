using RpcGen.Protocol;

namespace RpcGen.Tests.Client.Calls;

/// <summary>What the texts of a message mean, decided in one place.</summary>
public sealed class ReplyKindTests
{
    [Theory]
    [InlineData(null, MessageKind.Result)]
    [InlineData("", MessageKind.Result)]
    [InlineData("fault", MessageKind.Fault)]
    [InlineData("$batch", MessageKind.Batch)]
    [InlineData("Fault", MessageKind.Unsupported)]
    [InlineData("$ping", MessageKind.Unsupported)]
    internal void The_kind_of_a_reply(string? type, MessageKind kind) => Assert.Equal(kind, MessageKinds.OfReply(type));

    [Theory]
    [InlineData(null, MessageKind.Call)]
    [InlineData("", MessageKind.Call)]
    [InlineData("Add", MessageKind.Call)]
    [InlineData("fault", MessageKind.Call)]
    [InlineData("$batch", MessageKind.Batch)]
    [InlineData("$ping", MessageKind.Ping)]
    [InlineData("$describe", MessageKind.Describe)]
    [InlineData("$other", MessageKind.Unsupported)]
    [InlineData("$", MessageKind.Unsupported)]
    internal void The_kind_of_a_request(string? type, MessageKind kind) => Assert.Equal(kind, MessageKinds.OfRequest(type));

    [Theory]
    [InlineData(null, BatchHint.None)]
    [InlineData("application/json", BatchHint.None)]
    [InlineData("application/json;charset=utf-8", BatchHint.None)]
    [InlineData("application/json;batch=1", BatchHint.Batchable)]
    [InlineData("application/problem+json;batch=1", BatchHint.Batchable)]
    [InlineData("application/json;batch=0", BatchHint.Unbatchable)]
    [InlineData("application/json;batch=12", BatchHint.None)]
    internal void The_batch_parameter_of_a_content_type(string? contentType, BatchHint hint) => Assert.Equal(hint, BatchHints.Read(contentType));

    [Fact]
    public void What_is_written_is_read_again()
    {
        foreach (BatchHint hint in Enum.GetValues<BatchHint>())
        {
            Assert.Equal(hint, BatchHints.Read(BatchHints.Json(hint)));
            Assert.Equal(hint, BatchHints.Read(BatchHints.ProblemJson(hint)));
            Assert.StartsWith("application/json", BatchHints.Json(hint), StringComparison.Ordinal);
            Assert.StartsWith("application/problem+json", BatchHints.ProblemJson(hint), StringComparison.Ordinal);
        }
    }
}
