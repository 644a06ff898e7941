using System.Text;
using RabbitMQ.Client;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Attacks;

/// <summary>
/// The base of tests that attack a server as a user of its broker would: with a raw client, and with exactly the permissions
/// that docs/security.md gives. The node is private to the class, or to a collection of small classes.
/// </summary>
public abstract class AttackTest(PrivateRabbit broker) : EndToEndTest(broker)
{
    private readonly Stack<IConnection> _attackers = new();

    /// <summary>The node.</summary>
    protected PrivateRabbit Node { get; } = broker;

    /// <summary>Connects a raw client as a new user with the documented permissions of <paramref name="role"/> for a queue.</summary>
    protected Task<IConnection> AttackAsync(string role, string? queue = null) =>
        ConnectRawAsync(UserName(), DocumentedPermissions.Of(role, queue ?? Queue));

    /// <summary>Connects a raw client as a new user with these permissions.</summary>
    protected async Task<IConnection> ConnectRawAsync(string user, DocumentedPermissions permissions)
    {
        IConnection connection = await new ConnectionFactory { Uri = new Uri(await AddUserAsync(user, permissions)) }.CreateConnectionAsync(Cancel);
        _attackers.Push(connection);
        return connection;
    }

    /// <summary>Adds a user and returns the address with which it logs in.</summary>
    protected async Task<string> AddUserAsync(string user, DocumentedPermissions permissions)
    {
        await Node.EvalAsync($"rabbit_auth_backend_internal:add_user({Binary(user)}, <<\"secret\">>, <<\"test\">>).");
        await SetPermissionsAsync(user, permissions);
        return new UriBuilder(Node.Url) { UserName = user, Password = "secret" }.Uri.ToString();
    }

    /// <summary>Changes a user's permissions.</summary>
    protected Task SetPermissionsAsync(string user, DocumentedPermissions permissions) => Node.EvalAsync(
        $"rabbit_auth_backend_internal:set_permissions({Binary(user)}, <<\"/\">>, {Binary(permissions.Configure)}, {Binary(permissions.Write)}, {Binary(permissions.Read)}, <<\"test\">>).");

    protected static string UserName() => $"u{Guid.NewGuid():N}"[..12];

    /// <summary>Serves a vault, whose admin is <paramref name="admin"/>, and starts callers of it.</summary>
    private protected async Task<(Vault Vault, Neighbours Neighbours)> ServeVaultAsync(string admin = "root", RpcServerOptions? options = null)
    {
        var vault = new Vault { Admin = admin };
        await (await ConnectAsync()).ServeAsync<IVault>(vault, new RpcServerOptions(options ?? ServerOptions) { Authorizer = vault }, Cancel);
        return (vault, await Neighbours.StartAsync((await ConnectAsync()).CreateClient<IVault>(ClientOptions)));
    }

    /// <summary>Serves a courier, and starts callers of it.</summary>
    private protected async Task<(Courier Courier, Neighbours Neighbours)> ServeCourierAsync(string queue, string? exchange = null)
    {
        var courier = new Courier();
        await (await ConnectAsync()).ServeAsync<ICourier>(courier, new RpcServerOptions { Queue = queue, Exchange = exchange }, Cancel);
        return (courier, await Neighbours.StartAsync((await ConnectAsync()).CreateClient<ICourier>(new RpcClientOptions { Queue = queue, Exchange = exchange })));
    }

    protected override async Task CleanUpAsync()
    {
        while (_attackers.TryPop(out IConnection? attacker))
        {
            await attacker.DisposeAsync();
        }

        await base.CleanUpAsync();
    }

    private static string Binary(string text) => $"<<{string.Join(',', Encoding.UTF8.GetBytes(text))}>>";
}
