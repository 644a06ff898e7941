using System.Net.Sockets;

namespace RpcGen.Transport.RabbitMq.Connecting;

/// <summary>A socket's stream that keeps the first octets it receives: they tell what answers on a port that is not the broker's.</summary>
internal sealed class ReceivedOctets(Socket socket) : NetworkStream(socket)
{
    private readonly byte[] _first = new byte[8];
    private int _count;
    private bool _isComplete;

    /// <summary>The first octets from the other side: eight, or all that came.</summary>
    public ReadOnlySpan<byte> First => _first.AsSpan(0, _count);

    /// <summary>Whether the other side closed the connection, or reset it, within the first octets.</summary>
    public bool IsEnded { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        _isComplete ? base.ReadAsync(buffer, cancellationToken) : ReadFirstAsync(buffer, cancellationToken);

    private async ValueTask<int> ReadFirstAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        int count;
        try
        {
            count = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            IsEnded = true;
            throw;
        }

        IsEnded = count == 0 && buffer.Length > 0;
        int kept = Math.Min(count, _first.Length - _count);
        buffer.Span[..kept].CopyTo(_first.AsSpan(_count));
        _count += kept;
        _isComplete = _count == _first.Length;
        return count;
    }
}
