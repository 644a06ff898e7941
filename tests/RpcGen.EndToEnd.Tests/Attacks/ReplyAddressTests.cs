using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>A caller has a server send its replies to somebody else: the server can have permissions that the caller lacks.</summary>
[Collection(AttackedNode.Name)]
public sealed class ReplyAddressTests(PrivateRabbit broker) : AttackTest(broker)
{
    [Fact]
    public async Task No_reply_goes_into_a_request_queue()
    {
        string victimQueue = Queue + ".v";
        (Courier courier, Neighbours neighbours) = await ServeCourierAsync(Queue);
        (_, Neighbours neighboursOfVictim) = await ServeCourierAsync(victimQueue);
        RawCaller attacker = await RawCaller.OpenAsync(await AttackAsync("caller"));

        await attacker.SendAsync(Queue, "Ask", """{"text":"no"}""", replyTo: victimQueue);

        await Wait.UntilAsync(() => Log.Count(41) == 1, "the request is dropped");
        await neighbours.StopAsync();
        await neighboursOfVictim.StopAsync();
        Assert.DoesNotContain("no", courier.Got);
        Assert.DoesNotContain(Log.Lines, line => line.Contains($"request to queue {victimQueue} ", StringComparison.Ordinal)); // it got no message but those of its callers
        await Broker.DeleteQueueAsync(victimQueue);
    }
}
