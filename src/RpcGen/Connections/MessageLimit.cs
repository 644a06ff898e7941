using RpcGen.Transport;

namespace RpcGen.Connections;

/// <summary>
/// The broker's <c>max_message_size</c>. AMQP does not announce it. It is known after the broker has refused a message, which closes
/// the sender's channel. It belongs to one connection, because a broker changes the limit only when it restarts. Thread-safe.
/// </summary>
/// <remarks>
/// After a refusal, the client library can publish on the closed channel once more, and the broker then closes the connection. This
/// limit is kept in that case. Otherwise the same message would be sent and refused again.
/// </remarks>
internal sealed class MessageLimit
{
    private readonly Lock _gate = new();
    private ITransportConnection? _connection;
    private volatile int _maxBytes = int.MaxValue;

    /// <summary>The largest body that the broker takes, in bytes; <see cref="int.MaxValue"/> if not known.</summary>
    public int MaxBytes => _maxBytes;

    /// <summary>Forgets the limit of an earlier connection.</summary>
    public void OnConnected(ITransportConnection connection)
    {
        lock (_gate)
        {
            if (_connection != connection)
            {
                _maxBytes = _connection?.Closed is { IsCompletedSuccessfully: true, Result.IsProtocolError: true } ? _maxBytes : int.MaxValue;
                _connection = connection;
            }
        }
    }

    /// <summary>Takes over the limit that a closure names. Returns whether it names one.</summary>
    public bool TryLearn(TransportClosure closure) => TryLearn(closure.ReplyCode, closure.Reason);

    /// <summary>Takes over the limit that an exception of a publish names. Returns whether it names one.</summary>
    public bool TryLearn(Exception exception) => exception switch
    {
        TransportRefusedException refused => TryLearn(refused.Code, refused.Message),
        TransportClosedException closed => TryLearn(closed.Closure),
        _ => false,
    };

    private bool TryLearn(ushort replyCode, string reason)
    {
        if (BrokerLimits.MessageSizeIn(replyCode, reason) is not { } limit)
        {
            return false;
        }

        lock (_gate)
        {
            _maxBytes = limit;
        }

        return true;
    }
}
