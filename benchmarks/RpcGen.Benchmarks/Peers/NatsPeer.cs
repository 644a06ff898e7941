using System.Diagnostics;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using NATS.Client.Core;
using NATS.Client.Serializers.Json;
using RpcGen.Benchmarks.Workloads;

namespace RpcGen.Benchmarks.Peers;

/// <summary>
/// Request and reply of NATS.Net through a private <c>nats-server</c> (Debian's package of that name), with System.Text.Json. NATS keeps
/// no message: a request that no server takes at once is lost.
/// </summary>
internal sealed class NatsPeer : IPeer
{
    public string Name => PeerNames.Nats;

    public string Description => "NATS.Net request-reply through nats-server, System.Text.Json; at most once, nothing is acknowledged; nats-server's CPU time is not counted";

    /// <summary>Whether <c>nats-server</c> is found in <c>PATH</c>.</summary>
    public static bool IsInstalled { get; } =
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "nats-server")));

    public async Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        var process = Process.Start(new ProcessStartInfo("nats-server", ["-a", "127.0.0.1", "-p", $"{site.Port}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        await UntilOpenAsync(site.Port);
        return new Server(process, Connect(site), site.Name);
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        NatsConnection connection = Connect(site);
        await connection.ConnectAsync();
        return new Client(connection, site.Name);
    }

    private static NatsConnection Connect(PeerSite site) => new(new NatsOpts
    {
        Url = $"nats://127.0.0.1:{site.Port}",
        SerializerRegistry = new NatsJsonContextSerializerRegistry(NatsJson.Default),
        RequestReplyMode = NatsRequestReplyMode.Direct, // the faster one
        RequestTimeout = TimeSpan.FromSeconds(30),
    });

    private static async Task UntilOpenAsync(int port)
    {
        while (true)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync("127.0.0.1", port);
                return;
            }
            catch (SocketException)
            {
                await Task.Delay(50);
            }
        }
    }

    private sealed class Server : IAsyncDisposable
    {
        private readonly Process _process;
        private readonly NatsConnection _connection;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _serving;

        public Server(Process process, NatsConnection connection, string name)
        {
            _process = process;
            _connection = connection;
            _serving = Task.WhenAll(ServeAsync<NatsAdd, int>($"{name}.add", add => add.A + add.B), ServeAsync<Document, Document>($"{name}.echo", document => document));
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _connection.DisposeAsync();
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
            _stop.Dispose();
        }

        private async Task ServeAsync<TRequest, TReply>(string subject, Func<TRequest, TReply> answer)
        {
            await foreach (NatsMsg<TRequest> request in _connection.SubscribeAsync<TRequest>(subject, queueGroup: "servers", cancellationToken: _stop.Token))
            {
                await request.ReplyAsync(answer(request.Data!), cancellationToken: _stop.Token);
            }
        }
    }

    private sealed class Client(NatsConnection connection, string name) : IPeerClient
    {
        private readonly string _add = $"{name}.add";
        private readonly string _echo = $"{name}.echo";

        public async ValueTask<int> AddAsync(int a, int b) => (await connection.RequestAsync<NatsAdd, int>(_add, new NatsAdd(a, b))).Data;

        public async ValueTask<Document> EchoAsync(Document document) => (await connection.RequestAsync<Document, Document>(_echo, document)).Data!;

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}

/// <summary>The arguments of an addition.</summary>
public sealed record NatsAdd(int A, int B);

/// <summary>JSON metadata for NATS.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(NatsAdd))]
[JsonSerializable(typeof(Document))]
[JsonSerializable(typeof(int))]
internal sealed partial class NatsJson : JsonSerializerContext;
