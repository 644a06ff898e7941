using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>The base of attacks on the server that answers the neighbours too.</summary>
public abstract class TreasuryAttackTest(PrivateRabbit broker) : AttackTest(broker)
{
    /// <summary>Serves the vault, starts its neighbours, and connects an attacker with the documented permissions of a caller.</summary>
    private protected async Task<(Neighbours Neighbours, RawCaller Attacker)> StartAsync(RpcServerOptions? options = null)
    {
        RpcConnection serving = await ConnectAsync();
        await serving.ServeAsync<ITreasury>(new Treasury(), options ?? ServerOptions, Cancel);
        ITreasury client = (await ConnectAsync()).CreateClient<ITreasury>(ClientOptions);
        Neighbours neighbours = await Neighbours.StartAsync((a, b) => client.AddAsync(a, b, CancellationToken.None));
        IConnection attacker = await AttackAsync("caller");
        return (neighbours, await RawCaller.OpenAsync(attacker));
    }
}
