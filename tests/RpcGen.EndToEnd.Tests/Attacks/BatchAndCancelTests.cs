using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Batches at the limit of their calls, and storms of cancels while other calls run.</summary>
public sealed class BatchAndCancelTests(PrivateRabbit broker) : TreasuryAttackTest(broker), IClassFixture<PrivateRabbit>
{
    private const int Entries = 4096;
    private const int Batches = 16;
    private const int RememberedCancels = 10_000;

    [Fact]
    public async Task Batches_at_the_limit_are_opened_one_after_the_other()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();
        await using var waiting = new WaitingCalls(Queue);

        for (int i = 0; i < Batches; i++)
        {
            await attacker.SendAsync(Queue, "$batch", Batch($"b{i}", Entries, "Add", """{"a":1,"b":2}"""), $"b{i}");
        }

        int answered = 0;
        while (answered < Batches * Entries)
        {
            answered += System.Text.Json.Nodes.JsonNode.Parse((await attacker.NextAsync()).Body)!.AsArray().Count;
        }

        await neighbours.StopAsync();
        Assert.InRange(await waiting.StopAsync(), 1, Entries + 64); // and 64 messages: batches that wait for their turn, and neighbours
    }

    [Fact]
    public async Task A_batch_above_the_limit_is_refused()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();

        await attacker.SendAsync(Queue, "$batch", Batch("x", Entries + 1, "Add", """{"a":1,"b":2}"""), "x");

        Assert.Equal("protocol", (await attacker.NextAsync()).Code);
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_storm_of_cancels_harms_no_call_and_is_forgotten_but_for_the_latest()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync(new RpcServerOptions { Queue = Queue, MaxConcurrentCalls = 512 });
        IConnection second = await AttackAsync("caller");
        RawCaller canceller = await RawCaller.OpenAsync(second);
        await attacker.SendAsync(Queue, "$batch", Batch("h", 256, "Hold", "{}"), "h");

        for (int i = 1; i <= 100_000; i++)
        {
            await canceller.SendAsync("", type: null, "", $"{i:x16}", expiration: "600000", exchange: $"{Queue}.cancel");
        }

        await canceller.SendAsync("", "$ping", "", "ping", exchange: $"{Queue}.cancel");
        Assert.Equal("ping", (await canceller.NextAsync()).Id); // the cancels before it were handled
        await canceller.SendAsync(Queue, "Add", """{"a":1,"b":2}""", $"{100_000:x16}"); // its cancel is remembered
        await canceller.SendAsync(Queue, "Add", """{"a":1,"b":2}""", $"{100_000 - RememberedCancels:x16}"); // the first whose cancel is forgotten
        Assert.Equal($"{100_000 - RememberedCancels:x16}", (await canceller.NextAsync()).Id);
        await canceller.SendAsync(Queue, "Add", """{"a":1,"b":2}""", "last");
        Assert.Equal("last", (await canceller.NextAsync()).Id);
        await neighbours.StopAsync();
        Assert.Equal(0, canceller.Untaken); // the request whose cancel is remembered did not run
    }

    private static string Batch(string prefix, int entries, string method, string arguments) =>
        $"[{string.Join(',', Enumerable.Range(0, entries).Select(i => $$"""["{{prefix}}-{{i}}","{{method}}",60000,{{arguments}}]"""))}]";
}
