using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Threading.Channels;
using static RpcGen.Tests.Transports.RabbitMq.AmqpBytes;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>Speaks as much AMQP as a connection, a channel and a consumer need, and then sends any bytes that a test wants.</summary>
internal sealed class FakeBroker : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Channel<FakeBrokerConnection> _connections = Channel.CreateUnbounded<FakeBrokerConnection>();
    private readonly Task _accepting;

    /// <summary>Starts to listen.</summary>
    /// <param name="tls">Makes the broker use TLS.</param>
    /// <param name="greeting">Sent in answer to the protocol header; a proper <c>connection.start</c> by default.</param>
    public FakeBroker(SslServerAuthenticationOptions? tls = null, byte[]? greeting = null)
    {
        _listener.Start();
        _accepting = AcceptAsync(tls, greeting ?? ConnectionStart(Table(Entry("product", Text("Fake")))));
    }

    private static ReadOnlySpan<byte> ProtocolHeader => "AMQP\0\0\u0009\u0001"u8;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The next connection on which a consumer was started.</summary>
    public async Task<FakeBrokerConnection> NextConsumingAsync() => await _connections.Reader.ReadAsync(_stop.Token);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        _listener.Stop();
    }

    private async Task AcceptAsync(SslServerAuthenticationOptions? tls, byte[] greeting)
    {
        var serving = new List<Task>();
        try
        {
            while (true)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stop.Token);
                serving.Add(ServeAsync(socket, tls, greeting));
            }
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(serving);
        }
    }

    private async Task ServeAsync(Socket socket, SslServerAuthenticationOptions? tls, byte[] greeting)
    {
        await using Stream network = new NetworkStream(socket, ownsSocket: true);
        try
        {
            Stream stream = network;
            if (tls is not null)
            {
                var encrypted = new SslStream(network);
                await encrypted.AuthenticateAsServerAsync(tls, _stop.Token);
                stream = encrypted;
            }

            byte[] protocolHeader = new byte[8];
            await stream.ReadExactlyAsync(protocolHeader, _stop.Token);
            if (!protocolHeader.AsSpan().SequenceEqual(ProtocolHeader))
            {
                await stream.WriteAsync(ProtocolHeader.ToArray(), _stop.Token); // as RabbitMQ answers a TLS handshake
                return;
            }

            await stream.WriteAsync(greeting, _stop.Token);
            await new FakeBrokerConnection(stream, _connections.Writer).AnswerAsync(_stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.Security.Authentication.AuthenticationException)
        {
            // The client is gone, or the test is over.
        }
    }
}

/// <summary>One client of a <see cref="FakeBroker"/>.</summary>
internal sealed class FakeBrokerConnection(Stream stream, ChannelWriter<FakeBrokerConnection> consuming)
{
    /// <summary>Sends bytes in as many pieces as there are sizes to fill them.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes, Func<int> nextSize, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            int size = Math.Min(nextSize(), bytes.Length);
            await stream.WriteAsync(bytes[..size], cancellationToken);
            bytes = bytes[size..];
        }
    }

    public Task SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => SendAsync(bytes, () => int.MaxValue, cancellationToken);

    /// <summary>Ends the stream at any point.</summary>
    public ValueTask CloseAsync() => stream.DisposeAsync();

    /// <summary>Answers the client's requests until it leaves.</summary>
    public async Task AnswerAsync(CancellationToken cancellationToken)
    {
        byte[] prefix = new byte[7];
        while (await stream.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, cancellationToken) == prefix.Length)
        {
            byte[] payload = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(3)) + 1];
            await stream.ReadExactlyAsync(payload, cancellationToken);
            if (prefix[0] != Method)
            {
                continue;
            }

            ushort channel = BinaryPrimitives.ReadUInt16BigEndian(prefix.AsSpan(1));
            (int ClassId, int MethodId) method = (payload[1], payload[3]);
            if (Answer(channel, method, payload) is { } answer)
            {
                await stream.WriteAsync(answer, cancellationToken);
            }

            if (method == (60, 20))
            {
                await consuming.WriteAsync(this, cancellationToken);
            }
        }
    }

    private static byte[]? Answer(ushort channel, (int ClassId, int MethodId) method, byte[] payload) => method switch
    {
        (10, 11) => MethodFrame(channel, 10, 30, [7, 255], Length(131_072), [0, 0]),
        (10, 40) => MethodFrame(channel, 10, 41, ShortString("")),
        (10, 50) => MethodFrame(channel, 10, 51),
        (20, 10) => MethodFrame(channel, 20, 11, LongString("")),
        (20, 40) => MethodFrame(channel, 20, 41),
        (60, 10) => MethodFrame(channel, 60, 11),
        (60, 20) => MethodFrame(channel, 60, 21, ConsumerTag(payload)),
        _ => null,
    };

    private static byte[] ConsumerTag(byte[] consume)
    {
        int at = 6 + 1 + consume[6];
        return consume[at..(at + 1 + consume[at])];
    }
}
