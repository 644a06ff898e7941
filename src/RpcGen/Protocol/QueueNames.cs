using System.Text;

namespace RpcGen.Protocol;

/// <summary>The one rule for names of request queues.</summary>
internal static class QueueNames
{
    /// <summary>AMQP's short strings hold 255 bytes.</summary>
    private const int MaxBytes = 255;

    /// <summary>The exchange for cancelled calls has a longer name, which must fit too.</summary>
    public static void ThrowIfTooLong(string queue, RpcBodyStyle style, string name)
    {
        int limit = style == RpcBodyStyle.Bare ? MaxBytes : MaxBytes - WireNames.CancelExchangeSuffix.Length;
        if (Encoding.UTF8.GetByteCount(queue) > limit)
        {
            throw new ArgumentException($"The queue's name '{queue}' is longer than {limit} UTF-8 bytes, which '{WireNames.CancelExchangeSuffix}' must still fit behind.", name);
        }
    }

    /// <summary>So must the exchange for calls that every instance gets, where there are such.</summary>
    public static void ThrowIfTooLongToBroadcast(string queue)
    {
        int limit = MaxBytes - WireNames.BroadcastExchangeSuffix.Length;
        if (Encoding.UTF8.GetByteCount(queue) > limit)
        {
            throw new ArgumentException($"The queue's name '{queue}' is longer than {limit} UTF-8 bytes, which '{WireNames.BroadcastExchangeSuffix}' must still fit behind, for its contract has [RpcBroadcast].", nameof(queue));
        }
    }

    public static void ThrowIfInvalid(string? queue, string name)
    {
        if (queue is null)
        {
            return;
        }

        if (queue.Length == 0 || Encoding.UTF8.GetByteCount(queue) > MaxBytes)
        {
            throw new ArgumentException($"{name} must be 1 to {MaxBytes} UTF-8 bytes long, as AMQP 0-9-1 asks of queue names.", name);
        }

        if (queue.StartsWith("amq.", StringComparison.Ordinal))
        {
            throw new ArgumentException($"{name} '{queue}' must not start with 'amq.', which AMQP 0-9-1 reserves for brokers.", name);
        }
    }
}
