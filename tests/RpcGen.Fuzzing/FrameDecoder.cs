using RpcGen.Transport.RabbitMq;

namespace RpcGen.Fuzzing;

/// <summary>Checks frames as they come from a broker. The first octet of the input is the size of the pieces.</summary>
internal static class FrameDecoder
{
    public static void Decode(byte[] input)
    {
        if (input is not [byte size, .. byte[] stream])
        {
            return;
        }

        string whole = Pass(stream, Math.Max(stream.Length, 1));
        string pieces = Pass(stream, Math.Max(size, (byte)1));
        if (whole != pieces)
        {
            throw new InvalidOperationException("Pieces pass other octets than the whole.");
        }
    }

    /// <summary>What passes and what is held back at the end; the message of an exception.</summary>
    private static string Pass(byte[] stream, int size)
    {
        var guard = new FrameGuard();
        var passed = new List<byte>();
        byte[] held = [];
        try
        {
            for (int at = 0; at < stream.Length; at += size)
            {
                byte[] received = [.. held, .. stream.AsSpan(at, Math.Min(size, stream.Length - at))];
                int count = guard.Check(received);
                if (count < received.Length && guard.RequiredBytes <= received.Length - count)
                {
                    throw new InvalidOperationException("What is complete is held back.");
                }

                passed.AddRange(received.AsSpan(0, count));
                held = received[count..];
            }
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }

        return Convert.ToHexString([.. passed, .. held]);
    }
}
