using System.Text;

namespace RpcGen.Protocol;

/// <summary>The rules for the names of request queues and of services' own exchanges.</summary>
internal static class QueueNames
{
    /// <summary>The maximum length of a short string in AMQP 0-9-1.</summary>
    private const int MaxBytes = 255;

    /// <summary>Throws if the name is too long, or the longer name of its exchange for cancels.</summary>
    public static void ThrowIfTooLong(string queue, RpcBodyStyle style, string name)
    {
        int limit = style == RpcBodyStyle.Bare ? MaxBytes : MaxBytes - WireNames.CancelExchangeSuffix.Length;
        if (Encoding.UTF8.GetByteCount(queue) > limit)
        {
            throw new ArgumentException($"The queue name '{queue}' is longer than {limit} UTF-8 bytes: the name of its exchange for cancels, with '{WireNames.CancelExchangeSuffix}' appended, can have at most {MaxBytes}.", name);
        }
    }

    /// <summary>Throws if the name of the queue's exchange for broadcasts is too long.</summary>
    public static void ThrowIfTooLongToBroadcast(string queue)
    {
        int limit = MaxBytes - WireNames.BroadcastExchangeSuffix.Length;
        if (Encoding.UTF8.GetByteCount(queue) > limit)
        {
            throw new ArgumentException($"The queue name '{queue}' is longer than {limit} UTF-8 bytes: its contract has [RpcBroadcast], and the name of its exchange for broadcasts, with '{WireNames.BroadcastExchangeSuffix}' appended, can have at most {MaxBytes}.", nameof(queue));
        }
    }

    /// <summary>Throws if a name is not valid for a queue. Null is valid: there is a default.</summary>
    public static void ThrowIfInvalid(string? queue, string name)
    {
        if (queue is null)
        {
            return;
        }

        if (queue.Length == 0 || Encoding.UTF8.GetByteCount(queue) > MaxBytes)
        {
            throw new ArgumentException($"{name} must have 1 to {MaxBytes} UTF-8 bytes, the limits of AMQP 0-9-1 for queue names.", name);
        }

        if (queue.StartsWith("amq.", StringComparison.Ordinal))
        {
            throw new ArgumentException($"{name} '{queue}' must not start with 'amq.': AMQP 0-9-1 reserves this prefix for brokers.", name);
        }
    }

    /// <summary>Throws if a name is not valid for an exchange. Null and the empty text are valid: they stand for no exchange.</summary>
    public static void ThrowIfInvalidExchange(string? exchange, string name)
    {
        if (Encoding.UTF8.GetByteCount(exchange ?? "") > MaxBytes)
        {
            throw new ArgumentException($"{name} must have at most {MaxBytes} UTF-8 bytes, the limit of AMQP 0-9-1 for the names of exchanges.", name);
        }

        if (exchange is not null && exchange.StartsWith("amq.", StringComparison.Ordinal))
        {
            throw new ArgumentException($"{name} '{exchange}' must not start with 'amq.': AMQP 0-9-1 reserves this prefix for brokers.", name);
        }
    }
}
