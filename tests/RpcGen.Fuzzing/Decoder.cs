namespace RpcGen.Fuzzing;

/// <summary>A decoder of the runtime.</summary>
/// <param name="Name">Its name, also that of its corpus.</param>
/// <param name="Decode">Decodes an input, and throws if what it promises of every input is not true.</param>
/// <param name="Refuses">Whether an exception is one that the decoder documents.</param>
internal sealed record Decoder(string Name, Action<byte[]> Decode, Predicate<Exception> Refuses)
{
    /// <summary>Decodes an input. Only exceptions that are not documented pass.</summary>
    public void Read(byte[] input)
    {
        try
        {
            Decode(input);
        }
        catch (Exception e) when (Refuses(e))
        {
            // The input is refused as documented.
        }
    }
}
