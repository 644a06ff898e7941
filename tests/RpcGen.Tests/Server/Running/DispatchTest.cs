using System.Text;
using System.Text.Json;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>The base of tests of <see cref="ServiceDispatcher"/>: a request comes in, its outcome and reply are checked.</summary>
public abstract class DispatchTest
{
    private protected TestServer Server { get; } = new();

    /// <summary>How often the handler ran.</summary>
    private protected int Runs { get; set; }

    private protected static string Reply(ServerCall call) => Encoding.UTF8.GetString(call.Reply.Written.Span);

    private protected static JsonElement Problem(ServerCall call) => JsonElement.Parse(call.Reply.Written.Span);

    private protected void Serve() => Server.Serve((text, _) =>
    {
        Runs++;
        return new(text.ToUpperInvariant());
    });
}
