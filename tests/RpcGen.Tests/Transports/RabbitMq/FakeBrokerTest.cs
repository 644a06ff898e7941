using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RpcGen.Tests.Support;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq;

namespace RpcGen.Tests.Transports.RabbitMq;

/// <summary>A connection of the real transport to a <see cref="FakeBroker"/>, plain or by TLS.</summary>
public abstract class FakeBrokerTest : IAsyncDisposable
{
    private readonly List<IAsyncDisposable> _opened = [];

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private protected X509Certificate2 Certificate { get; } = CreateCertificate("localhost");

    public async ValueTask DisposeAsync()
    {
        await CloseAllAsync();
        await CleanUpAsync();
        Certificate.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected virtual ValueTask CleanUpAsync() => ValueTask.CompletedTask;

    private protected static Task<ITransportConnection> ConnectAsync(FakeBroker broker, Action<SslClientAuthenticationOptions>? configureTls, bool tls)
    {
        var options = new RpcConnectionOptions();
        if (configureTls is not null)
        {
            options.Tls.OnAuthenticate = (_, authentication) => configureTls(authentication);
        }

        return ConnectAsync(broker, options, tls);
    }

    private protected static Task<ITransportConnection> ConnectAsync(FakeBroker broker, RpcConnectionOptions options, bool tls = true) =>
        TransportFactory.Create($"{(tls ? "amqps" : "amqp")}://localhost:{broker.Port}/?connection_timeout=5000&heartbeat=0", options)
            .ConnectAsync("test", Cancel).WaitAsync(Bounds.Soon, Cancel);

    private protected static X509Certificate2 CreateCertificate(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private protected static X509ChainPolicy Trust(X509Certificate2 certificate) => new()
    {
        TrustMode = X509ChainTrustMode.CustomRootTrust,
        CustomTrustStore = { certificate },
        RevocationMode = X509RevocationMode.NoCheck,
    };

    private protected FakeBroker StartBroker(X509Certificate2? certificate = null, byte[]? greeting = null) =>
        StartBroker(certificate is null ? null : new SslServerAuthenticationOptions { ServerCertificate = certificate }, greeting);

    private protected FakeBroker StartBroker(SslServerAuthenticationOptions? tls, byte[]? greeting = null)
    {
        var broker = new FakeBroker(tls, greeting);
        _opened.Add(broker);
        return broker;
    }

    private protected async Task<ConsumingClient> ConsumeAsync(bool tls)
    {
        FakeBroker broker = StartBroker(tls ? Certificate : null);
        ITransportConnection connection = await ConnectAsync(broker, options => options.CertificateChainPolicy = Trust(Certificate), tls);
        _opened.Add(connection);
        ITransportChannel channel = await connection.OpenChannelAsync(Cancel);
        var consumer = new RecordingConsumer();
        await channel.ConsumeAsync("queue", prefetch: 0, consumer, Cancel);
        return new ConsumingClient(await broker.NextConsumingAsync(), connection, consumer);
    }

    /// <summary>Closes all connections, then all brokers.</summary>
    private protected async Task CloseAllAsync()
    {
        foreach (IAsyncDisposable opened in Enumerable.Reverse(_opened))
        {
            await opened.DisposeAsync();
        }

        _opened.Clear();
    }

    /// <summary>A consumer, and the broker's end of its connection.</summary>
    private protected sealed record ConsumingClient(FakeBrokerConnection Broker, ITransportConnection Connection, RecordingConsumer Consumer);
}
