using System.Net;
using System.Net.Sockets;
using RpcGen.Benchmarks.Workloads;
using StreamJsonRpc;

namespace RpcGen.Benchmarks.Peers;

/// <summary>StreamJsonRpc over TCP on the loopback interface, with System.Text.Json and length headers.</summary>
internal sealed partial class StreamJsonRpcPeer : IPeer
{
    public string Name => PeerNames.StreamJsonRpc;

    public string Description => "StreamJsonRpc over TCP loopback, System.Text.Json; no broker";

    public Task<IAsyncDisposable> ServeAsync(PeerSite site)
    {
        var listener = new TcpListener(IPAddress.Loopback, site.Port);
        listener.Start();
        return Task.FromResult<IAsyncDisposable>(new Listening(listener));
    }

    public async Task<IPeerClient> ConnectAsync(PeerSite site)
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(IPAddress.Loopback, site.Port);
        var rpc = new JsonRpc(CreateHandler(client));
        ICalculatorService proxy = rpc.Attach<ICalculatorService>();
        rpc.StartListening();
        return new Client(rpc, proxy);
    }

    private static LengthHeaderMessageHandler CreateHandler(TcpClient client)
    {
        NetworkStream stream = client.GetStream();
        return new LengthHeaderMessageHandler(stream, stream, new SystemTextJsonFormatter());
    }

    /// <summary>The service.</summary>
    [JsonRpcContract]
    public partial interface ICalculatorService
    {
        /// <summary>Adds.</summary>
        Task<int> AddAsync(int a, int b);

        /// <summary>Returns the document.</summary>
        Task<Document> EchoAsync(Document document);
    }

    private sealed class Service : ICalculatorService
    {
        public Task<int> AddAsync(int a, int b) => Task.FromResult(a + b);

        public Task<Document> EchoAsync(Document document) => Task.FromResult(document);
    }

    private sealed class Listening : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly Task _accepting;

        public Listening(TcpListener listener)
        {
            _listener = listener;
            _accepting = AcceptAsync();
        }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _accepting;
        }

        private async Task AcceptAsync()
        {
            try
            {
                while (true)
                {
                    TcpClient client = await _listener.AcceptTcpClientAsync();
                    client.NoDelay = true;
                    var rpc = new JsonRpc(CreateHandler(client), new Service()) { SynchronizationContext = null };
                    rpc.StartListening();
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The server was stopped.
            }
        }
    }

    private sealed class Client(JsonRpc rpc, ICalculatorService proxy) : IPeerClient
    {
        public ValueTask<int> AddAsync(int a, int b) => new(proxy.AddAsync(a, b));

        public ValueTask<Document> EchoAsync(Document document) => new(proxy.EchoAsync(document));

        public ValueTask DisposeAsync()
        {
            rpc.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
