using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>Callers that ask for more time than a server gives.</summary>
[Collection(AttackedNode.Name)]
public sealed class TimeLimitTests(PrivateRabbit broker) : AttackTest(broker)
{
    private const int Places = 64;

    [Fact]
    public async Task Requests_without_limit_do_not_keep_their_places()
    {
        (_, Neighbours neighbours) = await ServeVaultAsync();
        RawCaller attacker = await RawCaller.OpenAsync(await AttackAsync("caller"));

        for (int i = 0; i < Places; i++)
        {
            await attacker.SendAsync(Queue, "Wait", """{"what":"for ever"}""", $"{i}", expiration: "4294967294");
        }

        for (int i = 0; i < Places; i++)
        {
            RawReply reply = await attacker.NextAsync();
            Assert.Equal("timeout", reply.Code);
            Assert.Contains("2 s, the longest time that its [RpcTimeout] gives a call", reply.Body, StringComparison.Ordinal);
        }

        await neighbours.StopAsync();
    }
}
