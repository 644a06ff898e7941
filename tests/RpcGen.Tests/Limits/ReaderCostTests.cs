using System.Text;
using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Server.Running;
using RpcGen.Tests.Server;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Limits;

/// <summary>Reading twice as much costs twice as much at most, for every reader.</summary>
public sealed class ReaderCostTests
{
    public static TheoryData<string> Readers => [.. Costs.Keys];

    private static Dictionary<string, (Func<int, byte[]> Write, Action<byte[]> Read)> Costs { get; } = new()
    {
        ["violations of a fault"] = (n => Fault($"\"p\":[{Repeat(n, _ => "\"It is bad.\"")}]"), ReadFault),
        ["paths of a fault"] = (n => Fault(Repeat(n, i => $"\"{new string('p', 2000)}{i}\":[\"It is bad.\"]")), ReadFault),
        ["calls of a batch"] = (n => Batch($"[{Repeat(n, i => $"[\"{i}\",\"echo\",0,{{}}]")}]"), OpenBatch),
        ["names in a batch"] = (n => Batch($"[{Repeat(n, i => $"[\"{i}\",\"{new string('n', 3000)}\",0,{{}}]")}]"), OpenBatch),
        ["replies of a batch"] = (n => Bytes(string.Concat(Enumerable.Range(0, n).Select(i => $"[\"{i}\",0]\n\n"))), ReadReplies),
        ["a description"] = (n => Bytes($$"""{"protocol":1,"contract":"c","queue":"q","methods":[{{Repeat(n, i => $$"""{"name":"m{{i}}","arguments":{},"faults":[]}""")}}]}"""), ReadDescription),
        ["metadata"] = (n => BitConverter.GetBytes(n), ReadMetadata),
    };

    [Theory]
    [MemberData(nameof(Readers))]
    public void Twice_as_much_costs_twice_at_most(string reader)
    {
        (Func<int, byte[]> write, Action<byte[]> read) = Costs[reader];
        byte[] once = write(1000), twice = write(2000);
        long first = Measure(read, once), second = Measure(read, twice);

        Assert.InRange(second, 0, (2.2 * first) + 20_000);
        Assert.InRange(first, 0, (40L * Math.Max(once.Length, 50_000)) + 100_000);
    }

    /// <summary>The least of several reads: the first ones also fill pools of arrays, which other tests empty.</summary>
    private static long Measure(Action<byte[]> read, byte[] body) => Enumerable.Range(0, 4).Min(_ => MeasureOnce(read, body));

    private static long MeasureOnce(Action<byte[]> read, byte[] body)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        read(body);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void ReadFault(byte[] body) => FaultReader.Read(body, TestMethod.Create("x"), "q", "1", hasEarlierAttempts: false, out _);

    private static void OpenBatch(byte[] body)
    {
        var server = new TestServer { Settings = TestServer.CreateSettings() with { MaxMessageBytes = JsonLimits.MaxMessageBytes } };
        ServerCall batch = server.Begin(TestServer.Request(type: "$batch", body: Encoding.UTF8.GetString(body)));
        var deadlines = new EarliestDeadline(server.Time, _ => long.MaxValue);
        try
        {
            new BatchOpener(new KnownNames(["echo"])).Open(batch, () => new ServerCall(deadlines), []);
        }
        catch (RpcProtocolException)
        {
        }
    }

    private static void ReadReplies(byte[] body)
    {
        var reader = new BatchReader(body);
        while (reader.NextEntry())
        {
            reader.EndEntry();
        }
    }

    private static void ReadDescription(byte[] body)
    {
        try
        {
            DescriptionReader.Read(body);
        }
        catch (JsonException)
        {
        }
    }

    private static void ReadMetadata(byte[] count) =>
        HeaderReader.Metadata(Enumerable.Range(0, BitConverter.ToInt32(count)).ToDictionary(i => $"h{i}", i => (object?)Bytes($"v{i}")));

    private static byte[] Fault(string errors) => Bytes($$$"""{"type":"urn:rpcgen:fault:validation","errors":{{{{errors}}}}}""");

    private static string Repeat(int count, Func<int, string> element) => string.Join(',', Enumerable.Range(0, count).Select(element));

    private static byte[] Batch(string entries) => Bytes(BatchText.Request("$batch", entries));

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
