using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Batches at the limit of their calls, and storms of cancels while their calls wait.</summary>
public sealed class BatchAndCancelTests(PrivateRabbit broker) : TreasuryAttackTest(broker)
{
    private const int Entries = 4096;

    [Fact]
    public async Task Batches_at_the_limit_leave_neighbours_their_turn()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();

        for (int i = 0; i < 16; i++)
        {
            await attacker.SendAsync(Queue, "$batch", Batch($"b{i}", Entries, "Add", """{"a":1,"b":2}"""), $"b{i}");
        }

        int answered = 0;
        while (answered < 16 * Entries)
        {
            answered += System.Text.Json.Nodes.JsonNode.Parse((await attacker.NextAsync()).Body)!.AsArray().Count;
        }

        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
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
    public async Task A_storm_of_cancels_does_not_hold_up_calls_although_thousands_wait()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync(new RpcServerOptions { Queue = Queue, MaxConcurrentCalls = 512 });
        IConnection second = await AttackAsync("caller");
        RawCaller canceller = await RawCaller.OpenAsync(second);
        await attacker.SendAsync(Queue, "$batch", Batch("h", 256, "Hold", "{}"), "h");

        for (int i = 0; i < 100_000; i++)
        {
            await canceller.SendAsync("", type: null, "", $"{i:x16}", exchange: $"{Queue}.cancel");
        }

        await neighbours.UntilAnsweredAsync(500);
        await neighbours.StopAsync();
    }

    private static string Batch(string prefix, int entries, string method, string arguments) =>
        $"[{string.Join(',', Enumerable.Range(0, entries).Select(i => $$"""["{{prefix}}-{{i}}","{{method}}",60000,{{arguments}}]"""))}]";
}
