using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Callers without the right to call a method make the server work, or ask what it serves.</summary>
[Collection(AttackedNode.Name)]
public sealed class RefusedCallerTests(PrivateRabbit broker) : AttackTest(broker)
{
    [Theory]
    [InlineData("""{"valuable":{"name":"n","content":""}}""")]
    [InlineData("no JSON")]
    [InlineData("""{"valuable":{"name":null,"content":7}}""")]
    public async Task Arguments_of_callers_who_may_not_call_are_not_read(string arguments)
    {
        (Vault vault, Neighbours neighbours) = await ServeVaultAsync();
        RawCaller attacker = await RawCaller.OpenAsync(await AttackAsync("caller"));
        int validations = Valuable.Validations;

        for (int i = 0; i < 200; i++)
        {
            await attacker.SendAsync(Queue, "Store", arguments, $"{i}");
        }

        for (int i = 0; i < 200; i++)
        {
            Assert.Equal("unauthenticated", (await attacker.NextAsync()).Code);
        }

        await neighbours.StopAsync();
        Assert.Equal((0, validations), (vault.Runs, Valuable.Validations));
    }

    [Fact]
    public async Task A_large_body_without_an_end_is_not_parsed()
    {
        (_, Neighbours neighbours) = await ServeVaultAsync();
        RawCaller attacker = await RawCaller.OpenAsync(await AttackAsync("caller"));
        string bomb = $$"""{"valuable":{"name":"{{new string('x', 10_000_000)}}","content":"no end""";

        for (int i = 0; i < 5; i++)
        {
            await attacker.SendAsync(Queue, "Store", bomb, $"{i}");
            Assert.Equal("unauthenticated", (await attacker.NextAsync()).Code);
        }

        await neighbours.StopAsync();
    }

    [Fact]
    public async Task A_guarded_description_is_given_to_nobody_else()
    {
        (_, Neighbours neighbours) = await ServeVaultAsync(options: new RpcServerOptions(ServerOptions) { DescriptionPolicy = "admin" });
        RawCaller attacker = await RawCaller.OpenAsync(await AttackAsync("caller"));

        await attacker.SendAsync(Queue, "$describe", "", "by the queue");
        await attacker.SendAsync("", "$describe", "", "by the instances", exchange: $"{Queue}.cancel");

        for (int i = 0; i < 2; i++)
        {
            Assert.Equal("unauthenticated", (await attacker.NextAsync()).Code);
        }

        await neighbours.StopAsync();
    }
}
