using System.Text;
using System.Text.Json;
using RpcGen.Server.Running;

namespace RpcGen.Tests.Server.Running;

/// <summary>A dispatcher of one method that counts its runs.</summary>
public abstract class ServiceDispatcherTest
{
    private protected TestServer Server { get; } = new();

    protected int Runs { get; set; }

    private protected static string Reply(ServerCall call) => Encoding.UTF8.GetString(call.Reply.Written.Span);

    private protected static JsonElement Problem(ServerCall call) => JsonElement.Parse(call.Reply.Written.Span);

    private protected void Serve() => Server.Serve((text, _) =>
    {
        Runs++;
        return new(text.ToUpperInvariant());
    });

    private protected ServerCall Rent() => new(new EarliestDeadline(Server.Time, _ => long.MaxValue));
}
