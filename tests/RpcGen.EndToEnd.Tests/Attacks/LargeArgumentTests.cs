using System.Globalization;
using System.Text;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Arguments that are made to be expensive: to check, to report or to read.</summary>
public sealed class LargeArgumentTests(PrivateRabbit broker) : TreasuryAttackTest(broker), IClassFixture<PrivateRabbit>
{
    [Fact]
    public async Task Many_violations_under_a_long_key_get_a_small_fault()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();
        long before = GC.GetTotalAllocatedBytes();
        string bomb = Drawers(keyLength: 7000, violations: 1600);

        for (int i = 0; i < 20; i++)
        {
            await attacker.SendAsync(Queue, "Store", bomb, $"{i}");
            RawReply reply = await attacker.NextAsync();
            Assert.Equal("validation", reply.Code);
            Assert.InRange(reply.Body.Length, 1000, 100_000);
            Assert.Contains("can be more", reply.Errors["$"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        }

        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1L << 30);
    }

    [Fact]
    public async Task Megabytes_of_violations_do_not_exhaust_memory()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();
        long before = GC.GetTotalAllocatedBytes();

        await attacker.SendAsync(Queue, "Store", Drawers(keyLength: 220_000, violations: 44_000));

        Assert.InRange((await attacker.NextAsync()).Body.Length, 1000, 100_000);
        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 500L << 20);
    }

    [Fact]
    public async Task Numbers_with_equal_hashes_are_refused_by_their_number()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();

        for (int i = 0; i < 5; i++)
        {
            await attacker.SendAsync(Queue, "Number", Numbers(80_000), $"{i}");
        }

        for (int i = 0; i < 5; i++)
        {
            RawReply reply = await attacker.NextAsync();
            Assert.Equal("validation", reply.Code);
            Assert.Contains("MaxKeyedElements = 20000", reply.Errors["numbers"]![0]!.GetValue<string>(), StringComparison.Ordinal);
        }

        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task As_many_numbers_as_the_server_accepts_are_read()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync(new RpcServerOptions { Queue = Queue, MaxKeyedElements = 30_000 });

        await attacker.SendAsync(Queue, "Number", $$"""{"numbers":[{{string.Join(',', Enumerable.Range(0, 30_000))}}]}""", expiration: "60000");

        Assert.Equal("30000", (await attacker.NextAsync()).Body);
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_result_with_more_numbers_than_the_client_accepts_fails_its_call()
    {
        (Neighbours neighbours, _) = await StartAsync();
        ITreasury client = (await ConnectAsync()).CreateClient<ITreasury>(ClientOptions);

        RpcProtocolException thrown = await Assert.ThrowsAsync<RpcProtocolException>(() => client.ListAsync(20_001, Cancel));

        Assert.Contains("MaxKeyedElements", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(20_000, (await client.ListAsync(20_000, Cancel)).Count);
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_member_that_occurs_twice_inside_a_value_is_a_violation()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();

        await attacker.SendAsync(Queue, "Store", """{"drawers":{"a":[{"value":1,"value":2}]}}""");

        Assert.NotNull((await attacker.NextAsync()).Errors["drawers.a[0].value"]);
        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_regular_expression_that_times_out_is_a_violation()
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();

        await attacker.SendAsync(Queue, "Name", $$"""{"name":"{{new string('a', 60)}}"}""");

        RawReply reply = await attacker.NextAsync();
        Assert.Equal("validation", reply.Code);
        Assert.NotNull(reply.Errors["name"]);
        await neighbours.UntilAnsweredAsync(100);
        await neighbours.StopAsync();
    }

    [Theory]
    [InlineData("utf-8", null)]
    [InlineData("UTF-8", null)]
    [InlineData("gzip", "fault")]
    public async Task The_encoding_that_kombu_sends_is_accepted(string encoding, string? type)
    {
        (Neighbours neighbours, RawCaller attacker) = await StartAsync();

        await attacker.SendAsync(Queue, "Add", """{"a":1,"b":2}""", encoding: encoding);

        Assert.Equal(type, (await attacker.NextAsync()).Type);
        await neighbours.StopAsync();
    }

    private static string Drawers(int keyLength, int violations)
    {
        var body = new StringBuilder("{\"drawers\":{\"");
        return body.Append(new string('k', keyLength)).Append("\":[").AppendJoin(',', Enumerable.Repeat("null", violations)).Append("]}}").ToString();
    }

    /// <summary>Numbers whose hash, the upper half combined with the lower half, is 0.</summary>
    private static string Numbers(int count) =>
        $$"""{"numbers":[{{string.Join(',', Enumerable.Range(1, count).Select(i => (((long)i << 32) | (uint)i).ToString(CultureInfo.InvariantCulture)))}}]}""";
}
