using System.Globalization;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace RpcGen.Cli.Checks;

/// <summary>Checks a broker without a service: version, and what a caller needs. It uses channels and a queue of its own, which end with it.</summary>
internal sealed class BrokerChecks(Uri address, List<Finding> findings)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private bool _isBlocked;

    /// <summary>Makes the checks. False if there is no connection.</summary>
    public async Task<bool> RunAsync(string? queue, CancellationToken cancellationToken)
    {
        CheckEncryption();
        var factory = new ConnectionFactory
        {
            Uri = address,
            AutomaticRecoveryEnabled = false,
            ClientProvidedName = "rpcgen doctor",
            RequestedConnectionTimeout = Limit,
            ContinuationTimeout = Limit,
        };
        DateTime? expiry = null;
        factory.Ssl.CertificateValidationCallback = (_, certificate, _, errors) =>
        {
            expiry = (certificate as X509Certificate2)?.NotAfter;
            return errors == SslPolicyErrors.None;
        };
        IConnection connection;
        try
        {
            connection = await factory.CreateConnectionAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or IOException or TimeoutException)
        {
            AddExpiry(expiry);
            Add(FindingKind.Warning, "details", $"A second connection could not be opened: {e.Message}", "Further checks are left out. They need an address without options in its query.");
            return false;
        }

        await using (connection.ConfigureAwait(false))
        {
            connection.ConnectionBlockedAsync += (_, _) =>
            {
                Volatile.Write(ref _isBlocked, true);
                return Task.CompletedTask;
            };
            AddExpiry(expiry);
            CheckVersion(connection);
            CheckHeartbeat(connection);
            await CheckRepliesAsync(connection, cancellationToken).ConfigureAwait(false);
            if (queue is not null)
            {
                await CheckQueueAsync(connection, queue, cancellationToken).ConfigureAwait(false);
            }
        }

        return true;
    }

    private void CheckEncryption()
    {
        if (address.Scheme == "amqps")
        {
            Add(FindingKind.Ok, "encryption", "TLS; the certificate and its name are valid");
        }
        else if (address.IsLoopback)
        {
            Add(FindingKind.Ok, "encryption", "none, on this host");
        }
        else
        {
            Add(FindingKind.Warning, "encryption", "none: the password and all calls can be read on the network", "Use amqps://.");
        }
    }

    private void AddExpiry(DateTime? expiry)
    {
        if (expiry is { } end)
        {
            findings.Add(CertificateExpiry.Check(end.ToUniversalTime(), TimeProvider.System.GetUtcNow().UtcDateTime));
        }
    }

    private void CheckVersion(IConnection connection)
    {
        string text = connection.ServerProperties?.TryGetValue("version", out object? value) == true && value is byte[] bytes ? Encoding.UTF8.GetString(bytes) : "";
        if (!Version.TryParse(text.Split('-', '+')[0], out Version? version))
        {
            Add(FindingKind.Warning, "broker", $"version '{text}' is not known");
        }
        else if (version < new Version(3, 10))
        {
            Add(FindingKind.Warning, "broker", $"RabbitMQ {text}, older than the versions that are tested", "Use RabbitMQ 3.10 or later.");
        }
        else
        {
            bool marksAll = version >= new Version(4, 0);
            Add(FindingKind.Ok, "broker", $"RabbitMQ {text}" + (marksAll ? "" : "; after a clean stop, it can deliver a request again without a mark, so [RpcAtMostOnce] is safer on 4.0 or later"));
        }
    }

    private void CheckHeartbeat(IConnection connection)
    {
        if (connection.Heartbeat == TimeSpan.Zero)
        {
            Add(FindingKind.Warning, "heartbeat", "off: dead connections are found late", "Set 'heartbeat' in rabbitmq.conf to 60.");
        }
        else
        {
            Add(FindingKind.Ok, "heartbeat", string.Create(CultureInfo.InvariantCulture, $"{connection.Heartbeat.TotalSeconds} s"));
        }
    }

    /// <summary>Sends a message to a queue of its own, as replies go.</summary>
    private async Task CheckRepliesAsync(IConnection connection, CancellationToken cancellationToken)
    {
        string step = "declare a queue 'rpc.cb.*'";
        string permission = "configure";
        try
        {
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                string queue = "rpc.cb." + Convert.ToHexStringLower(Guid.NewGuid().ToByteArray().AsSpan(0, 8));
                await channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: true, cancellationToken: cancellationToken).ConfigureAwait(false);
                (step, permission) = ("consume a queue 'rpc.cb.*'", "read");
                var arrived = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                var consumer = new AsyncEventingBasicConsumer(channel);
                consumer.ReceivedAsync += (_, _) =>
                {
                    arrived.TrySetResult();
                    return Task.CompletedTask;
                };
                await channel.BasicConsumeAsync(queue, autoAck: true, consumer, cancellationToken).ConfigureAwait(false);
                (step, permission) = ("publish to the default exchange, 'amq.default'", "write");
                await channel.BasicPublishAsync("", queue, Array.Empty<byte>(), cancellationToken).ConfigureAwait(false);
                await WaitAsync(arrived.Task, channel, cancellationToken).ConfigureAwait(false);
                Add(FindingKind.Ok, "calling", "the user can send requests and get replies");
            }
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 403)
        {
            Add(FindingKind.Failure, "calling", $"the user cannot {step}", $"Give it the permission to {permission}: see 'Permissions on the broker' in RpcGen's security.md.");
        }
        catch (Exception e) when (e is OperationInterruptedException or AlreadyClosedException or TimeoutException)
        {
            Add(
                FindingKind.Failure,
                "calling",
                Volatile.Read(ref _isBlocked) ? "the broker blocks publishers" : $"a message to its own queue did not arrive: {e.Message}",
                "Free memory or disk space on the broker: 'rabbitmq-diagnostics alarms' shows which is short.");
        }
    }

    /// <summary>Waits for the message. A refused publish closes the channel later.</summary>
    private static async Task WaitAsync(Task arrived, IChannel channel, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        while (!arrived.IsCompleted)
        {
            if (channel.CloseReason is { } reason)
            {
                throw new OperationInterruptedException(reason);
            }

            if (TimeProvider.System.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException("it took longer than 5 s");
            }

            await Task.WhenAny(arrived, Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken)).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    private async Task CheckQueueAsync(IConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            IChannel channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false))
            {
                QueueDeclareOk state = await channel.QueueDeclarePassiveAsync(queue, cancellationToken).ConfigureAwait(false);
                string counts = string.Create(CultureInfo.InvariantCulture, $"{state.ConsumerCount} consumers, {state.MessageCount} waiting messages");
                if (state.ConsumerCount == 0)
                {
                    Add(FindingKind.Failure, "queue", counts, "Start a server: calls wait until their deadlines.");
                }
                else if (state.MessageCount > 0)
                {
                    Add(FindingKind.Warning, "queue", counts, "Servers do not keep up, or hang. 'rpcgen watch' shows which method. Add instances, or raise MaxConcurrentCalls.");
                }
                else
                {
                    Add(FindingKind.Ok, "queue", counts);
                }
            }
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == 404)
        {
            Add(FindingKind.Failure, "queue", $"'{queue}' does not exist in the virtual host", "Start a server, and check the name and the virtual host.");
        }
        catch (OperationInterruptedException e)
        {
            Add(FindingKind.Warning, "queue", $"'{queue}' cannot be inspected: {e.ShutdownReason?.ReplyText}");
        }
    }

    private void Add(FindingKind kind, string check, string detail, string? remedy = null) => findings.Add(new Finding(kind, check, detail, remedy));
}
