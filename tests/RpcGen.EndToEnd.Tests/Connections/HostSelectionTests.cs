using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>Several hosts, and names with several addresses.</summary>
public sealed class HostSelectionTests(PrivateRabbit broker) : FailureTest(broker), IClassFixture<PrivateRabbit>
{
    private int Port => new Uri(broker.Url).Port;

    [Fact]
    public async Task Connections_of_many_clients_spread_over_the_hosts()
    {
        await using var first = new Forwarder(Port);
        await using var second = new Forwarder(Port);
        await using var third = new Forwarder(Port);

        for (int i = 0; i < 40; i++) // all 40 miss one of three hosts once in four million runs
        {
            await using ITransportConnection connection = await ConnectTransportAsync($"amqp://{first.Address},{second.Address},{third.Address}");
        }

        Assert.Equal(40, first.Accepted + second.Accepted + third.Accepted);
        Assert.All([first, second, third], host => Assert.NotEqual(0, host.Accepted));
    }

    [Fact]
    public async Task The_first_host_is_preferred_if_asked_for()
    {
        await using var first = new Forwarder(Port);
        await using var second = new Forwarder(Port);
        var options = new RpcConnectionOptions { HostSelection = RpcHostSelection.InOrder };

        for (int i = 0; i < 5; i++)
        {
            await using ITransportConnection connection = await ConnectTransportAsync($"amqp://{first.Address},{second.Address}", options);
        }

        Assert.Equal((5, 0), (first.Accepted, second.Accepted));
    }

    [Fact]
    public async Task A_host_that_hangs_is_tried_once_and_then_last()
    {
        await using var silent = new Forwarder(port: null);
        var options = new RpcConnectionOptions { HostSelection = RpcHostSelection.InOrder, ConnectTimeout = TimeSpan.FromMilliseconds(500), LoggerFactory = Log };
        await using RpcConnection connection = await RpcConnection.ConnectAsync($"amqp://{silent.Address},127.0.0.1:{Port}", options, Cancel).OrFail();
        var reopened = new TaskCompletionSource();
        Log.Wrote = (id, text) =>
        {
            if (id == 2 && text.Contains("call channel", StringComparison.Ordinal))
            {
                reopened.TrySetResult();
            }
        };

        await broker.CloseConnectionsAsync();
        await reopened.Task.OrFail();

        Assert.Equal(1, silent.Accepted);
    }

    [Fact]
    public async Task A_host_whose_connection_ended_with_its_credentials_stays_first()
    {
        await using var first = new Forwarder(Port);
        await using var second = new Forwarder(Port);
        bool isDown = false;
        DateTimeOffset end = DateTimeOffset.UtcNow.AddSeconds(2);
        var options = new RpcConnectionOptions
        {
            HostSelection = RpcHostSelection.InOrder,
            LoggerFactory = Log,
            Credentials = _ => Volatile.Read(ref isDown) ? throw new IOException("the identity provider is down")
                : ValueTask.FromResult(new RpcCredentials("guest", "guest") { ValidUntil = DateTimeOffset.UtcNow < end ? end : null }),
        };
        await using RpcConnection connection = await RpcConnection.ConnectAsync($"amqp://{first.Address},{second.Address}", options, Cancel).OrFail();
        Volatile.Write(ref isDown, true);
        await Wait.UntilAsync(() => Log.Lines.Any(line => line.Contains("its credentials were valid until", StringComparison.Ordinal)), "the connection was closed");
        Volatile.Write(ref isDown, false);

        await Wait.UntilAsync(() => Log.Lines.Any(line => line.StartsWith("[2]", StringComparison.Ordinal)), "it is open again");

        Assert.Equal((2, 0), (first.Accepted, second.Accepted));
    }

    [Fact]
    public async Task Messages_logs_and_traces_name_the_node_in_use()
    {
        var peers = new ConcurrentQueue<object?>(); // spans of other tests arrive too
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RpcTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => peers.Enqueue(activity.Kind == ActivityKind.Client ? activity.GetTagItem("network.peer.address") : null),
        };
        ActivitySource.AddActivityListener(listener);
        var held = new Held();
        await ServeAsync(held.ActAsync);
        await using RpcConnection connection = await RpcConnection.ConnectAsync($"amqp://127.0.0.1:1,localhost:{Port}", new RpcConnectionOptions { LoggerFactory = Log }, Cancel).OrFail();
        Task<string> call = connection.CreateClient<ITroublemaker>(ClientOptions).DoAsync("x", Cancel);
        await held.Started.OrFail();

        await broker.CloseConnectionsAsync();

        string message = (await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail())).Message;
        held.Release();
        Assert.Contains($"/, node localhost:{Port} (127.0.0.1), was lost while", message, StringComparison.Ordinal);
        Assert.Contains(Log.Lines, line => line.StartsWith("[11] ", StringComparison.Ordinal) && line.Contains($"by the node localhost:{Port} (127.0.0.1).", StringComparison.Ordinal));
        Assert.Contains(Log.Lines, line => line.StartsWith("[1] ", StringComparison.Ordinal) && line.Contains($"node localhost:{Port} (127.0.0.1), was lost", StringComparison.Ordinal));
        Assert.Contains("127.0.0.1", peers);
    }

    private static Task<ITransportConnection> ConnectTransportAsync(string address, RpcConnectionOptions? options = null) =>
        TransportFactory.Create(address, options ?? new RpcConnectionOptions()).ConnectAsync("test", Cancel).OrFail();

    /// <summary>Another address of the broker; without a port, one that accepts connections and says nothing.</summary>
    private sealed class Forwarder : IAsyncDisposable
    {
        private readonly TcpListener _listener;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;
        private int _accepted;

        public Forwarder(int? port, IPEndPoint? endpoint = null)
        {
            _listener = new TcpListener(endpoint ?? new IPEndPoint(IPAddress.Loopback, 0));
            _listener.Start();
            _accepting = AcceptAsync(port);
        }

        public string Address => _listener.LocalEndpoint.ToString()!;

        public int Accepted => Volatile.Read(ref _accepted);

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await _accepting;
            _listener.Stop();
            _stop.Dispose();
        }

        private async Task AcceptAsync(int? port)
        {
            var forwarding = new List<Task>();
            try
            {
                while (true)
                {
                    TcpClient client = await _listener.AcceptTcpClientAsync(_stop.Token);
                    Interlocked.Increment(ref _accepted);
                    forwarding.Add(ForwardAsync(client, port));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(forwarding);
            }
        }

        private async Task ForwardAsync(TcpClient client, int? port)
        {
            using TcpClient from = client;
            using var to = new TcpClient();
            try
            {
                if (port is null)
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, _stop.Token);
                    return;
                }

                await to.ConnectAsync(IPAddress.Loopback, port.Value, _stop.Token);
                await Task.WhenAny(from.GetStream().CopyToAsync(to.GetStream(), _stop.Token), to.GetStream().CopyToAsync(from.GetStream(), _stop.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or IOException or SocketException)
            {
                // The test is over, or one side is gone.
            }
        }
    }
}
