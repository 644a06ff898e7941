using System.Text;

namespace RpcGen.Tests.Fuzzing;

/// <summary>
/// Changes messages one to four times, each in their properties, their JSON or their bytes. The same seed and number give the same
/// message.
/// </summary>
internal sealed class Mutator(int seed, long number)
{
    private static readonly string[] Values =
    [
        "null", "true", "0", "-1", "1e999", "9223372036854775808", "1.5", "\"\"", "\"\\ud800\"", "\"\\u0000\"", "{}", "[]", "[[]]", "{\"a\":1,\"a\":2}",
        "\"$batch\"", "\"0000000000000001\"", "\"fault\"", "{\"$type\":\"x\"}", "\"2020-01-01\"", "x", "",
    ];

    private static readonly string?[] Texts =
        [null, "", "$batch", "$ping", "$describe", "$stats", "$watch", "$new", "fault", "again", "Add", "add", "Note", "Send", "0000000000000000", "00000000000000ff", "\0\n", "ü😀", new('x', 255)];

    private readonly Random _random = new(HashCode(seed, number));

    /// <summary>Chooses one of several things.</summary>
    public T Choose<T>(IReadOnlyList<T> things) => things[_random.Next(things.Count)];

    /// <summary>A number below a limit, for choices that are not the mutator's.</summary>
    public int Next(int limit) => _random.Next(limit);

    /// <summary>Changes a message.</summary>
    public FuzzedMessage Mutate(FuzzedMessage message)
    {
        for (int i = _random.Next(1, 5); i > 0; i--)
        {
            message = _random.Next(4) == 0 ? MutateProperties(message) : message with { Body = MutateBody(message) };
        }

        return message;
    }

    private FuzzedMessage MutateProperties(FuzzedMessage message) => _random.Next(7) switch
    {
        0 => message with { Type = Choose(Texts) },
        1 => message with { Id = Choose(Texts) },
        2 => message with { ContentType = Choose<string?>([null, "", "text/plain", "application/json;batch=1", "application/json; charset=utf-8", "image/png", "application/problem+json", "application/vnd.rpcgen.batch", "application/vnd.rpcgen.batch;again=1"]) },
        3 => message with { Expiration = Choose<long>([0, 1, 50, 4294967294]) },
        4 => message with { ReplyTo = Choose([null, "", FuzzSamples.Queue, "rpc.cb.nobody", "rpc.cb.~nobody", message.ReplyTo]) },
        5 => message with { Timestamp = Choose<long>([0, 1, long.MaxValue, -1]) },
        _ => message with { Headers = Headers() },
    };

    private Dictionary<string, object?> Headers()
    {
        var headers = new Dictionary<string, object?>();
        for (int i = _random.Next(1, 4); i > 0; i--)
        {
            string name = Choose(["traceparent", "tracestate", "baggage", "x-death", "rpcgen-new", "CC", "tenant", "ü"]);
            headers[name] = Choose<string>(["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "", "a=b,c", "%%%", "\0", new('x', 5000)]);
        }

        return headers;
    }

    private byte[] MutateBody(FuzzedMessage message) =>
        message.Type == "$batch" && _random.Next(2) == 0 ? BatchEntries.Change(message.Body, _random.Next, MutateBody) : MutateBody(message.Body);

    private byte[] MutateBody(byte[] body) => _random.Next(8) switch
    {
        0 => FlipByte(body),
        1 => body[..At(body)],
        2 => Replace(body, [.. body[At(body)..]]),
        3 => Replace(body, Encoding.UTF8.GetBytes(Choose(Values))),
        4 => ReplaceValue(body),
        5 => ReplaceValue(body),
        6 => Repeat(body),
        _ => Nest(body),
    };

    private int At(byte[] body) => _random.Next(body.Length + 1);

    private byte[] FlipByte(byte[] body)
    {
        if (body.Length == 0)
        {
            return [0xff];
        }

        byte[] changed = [.. body];
        changed[_random.Next(body.Length)] = (byte)_random.Next(256);
        return changed;
    }

    /// <summary>Replaces a short part anywhere.</summary>
    private byte[] Replace(byte[] body, byte[] by)
    {
        int start = At(body);
        int end = Math.Min(body.Length, start + _random.Next(8));
        return [.. body[..start], .. by[..Math.Min(by.Length, 2000)], .. body[end..]];
    }

    /// <summary>Replaces what stands between two separators of JSON: a value, a name or an element.</summary>
    private byte[] ReplaceValue(byte[] body)
    {
        int[] separators = [.. Enumerable.Range(0, body.Length).Where(i => "{}[],:"u8.Contains(body[i]))];
        if (separators.Length < 2)
        {
            return body;
        }

        int chosen = _random.Next(separators.Length - 1);
        return [.. body[..(separators[chosen] + 1)], .. Encoding.UTF8.GetBytes(Choose(Values)), .. body[separators[chosen + 1]..]];
    }

    private byte[] Repeat(byte[] body)
    {
        int start = At(body);
        byte[] part = [.. body[start..Math.Min(body.Length, start + _random.Next(1, 60))]];
        return [.. body[..start], .. Enumerable.Repeat(part, _random.Next(2, 20)).SelectMany(bytes => bytes), .. body[start..]];
    }

    private byte[] Nest(byte[] body)
    {
        int depth = _random.Next(1, 80);
        int start = At(body);
        return [.. body[..start], .. Enumerable.Repeat((byte)'[', depth), .. body[start..], .. Enumerable.Repeat((byte)']', _random.Next(depth + 1))];
    }

    /// <summary>The same in every process, unlike that of the framework.</summary>
    private static int HashCode(int seed, long number) => unchecked((seed * 397) ^ (int)(number * 2654435761) ^ (int)(number >> 32));
}
