using System.Text;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Fuzzing;

/// <summary>Messages of every kind, which are sent in mutated form.</summary>
internal static class FuzzSamples
{
    /// <summary>The queue of the server that requests are sent to.</summary>
    public const string Queue = "fuzzed";

    /// <summary>The queue that the server's replies go to.</summary>
    public const string ReplyQueue = "rpc.cb.fuzz";

    /// <summary>What servers get: requests, batches, questions, cancels and broadcasts.</summary>
    public static readonly FuzzedMessage[] Requests =
    [
        Request("Add", """{"a":1,"b":2}"""),
        Request("Echo", """{"tree":{"name":"root","children":[{"name":"leaf"},null],"byNumber":{"1":{"name":"one"}},"ids":["6f9619ff-8b86-d011-b42d-00c04fc964ff"],"at":"2026-01-01T00:00:00Z","bytes":"AQID","amount":1.5,"day":3}}"""),
        Request("$batch", """[["0000000000000001","Add",10000,{"a":1,"b":2}],["x","Echo",10000,{"tree":{"name":"a"}},"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],["y","Nope",1,{},null,12]]"""),
        Request("Send", """{"tree":{"name":"a","children":[]}}""") with { ReplyTo = null },
        Request("$ping", "{}"),
        Request("$describe", "{}"),
        Request(null, "") with { Exchange = $"{Queue}.cancel" },
        Request("$ping", "{}") with { Exchange = $"{Queue}.cancel" },
        Request("$describe", "{}") with { Exchange = $"{Queue}.cancel" },
        Request("$stats", "{}") with { Exchange = $"{Queue}.cancel" },
        Request("$watch", """{"method":"Add","failures":true,"trace":"4bf92f3577b34da6a3ce929d0e0e4736"}""") with { Exchange = $"{Queue}.cancel" },
        Request("Note", """{"text":"a note"}""") with { Exchange = $"{Queue}.broadcast" },
    ];

    /// <summary>What clients get: results, faults, batches, and requests that are sent back.</summary>
    public static readonly FuzzedMessage[] Replies =
    [
        Reply(null, """{"name":"root","children":[{"name":"leaf"},null],"byNumber":{"1":{"name":"one"}},"ids":["6f9619ff-8b86-d011-b42d-00c04fc964ff"]}"""),
        Reply(null, "null"),
        Reply("fault", """{"type":"urn:rpcgen:fault:fuzzed","title":"A title.","detail":"A detail.","data":{"number":3}}"""),
        Reply("fault", """{"type":"urn:rpcgen:fault:validation","title":"A title.","errors":{"tree.name":["It is bad."],"tree":["It is bad."]},"ran":false}"""),
        Reply("fault", """{"type":"urn:rpcgen:fault:internal","title":"A title.","detail":"A detail.","exception":"a stack","ran":true}"""),
        Reply("$batch", """[["@",{"name":"a"}],["@",{"type":"urn:rpcgen:fault:timeout","title":"A title."},"fault",3],["other"]]"""),
        Reply("again", """{"ran":false}"""),
    ];

    /// <summary>A reply that every call can read.</summary>
    public static FuzzedMessage Good { get; } = Reply(null, """{"name":"good"}""");

    private static FuzzedMessage Request(string? type, string body) => Message(type, BatchText.Request(type, body)) with { ReplyTo = ReplyQueue };

    private static FuzzedMessage Reply(string? type, string body) => Message(type, BatchText.Reply(type, body));

    private static FuzzedMessage Message(string? type, string body) => new(type, Encoding.UTF8.GetBytes(body)) { ContentType = BatchText.ContentTypeOf(type, "application/json") };
}
