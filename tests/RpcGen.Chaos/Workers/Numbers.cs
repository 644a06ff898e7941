using System.Runtime.CompilerServices;

namespace RpcGen.Chaos.Workers;

/// <summary>The items of streams: the numbers from 0.</summary>
internal static class Numbers
{
    private const int PauseEvery = 64;

    /// <summary>So many numbers, with a pause now and then.</summary>
    public static async IAsyncEnumerable<int> CountAsync(int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int number = 0; number < count; number++)
        {
            if (number % PauseEvery == PauseEvery - 1)
            {
                await Task.Delay(1, cancellationToken);
            }

            yield return number;
        }
    }

    /// <summary>The numbers as they come.</summary>
    /// <exception cref="InvalidDataException">A number is missing, comes twice or in another order, or the end comes too early or too late.</exception>
    public static async IAsyncEnumerable<int> CheckAsync(IAsyncEnumerable<int> numbers, int count, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        int next = 0;
        await foreach (int number in numbers.WithCancellation(cancellationToken))
        {
            if (number != next)
            {
                throw new InvalidDataException($"item {number} came instead of {next}");
            }

            next++;
            yield return number;
        }

        if (next != count)
        {
            throw new InvalidDataException($"{next} of {count} items came before the end");
        }
    }

    /// <summary>Reads bytes to their end.</summary>
    /// <exception cref="InvalidDataException">As above.</exception>
    public static async Task CheckAsync(Stream bytes, int length)
    {
        byte[] buffer = new byte[8192];
        int place = 0;
        while (await bytes.ReadAsync(buffer) is > 0 and var count)
        {
            for (int i = 0; i < count; i++)
            {
                if (buffer[i] != (byte)place++)
                {
                    throw new InvalidDataException($"a wrong byte came at {place - 1}");
                }
            }
        }

        if (place != length)
        {
            throw new InvalidDataException($"{place} of {length} bytes came before the end");
        }
    }
}

/// <summary>Takes progress: the numbers from 1, of which some can be missing.</summary>
internal sealed class Meter : IProgress<int>
{
    /// <summary>The last number.</summary>
    public int Last { get; private set; }

    /// <summary>What was wrong; null for nothing.</summary>
    public string? Problem { get; private set; }

    /// <inheritdoc/>
    public void Report(int value)
    {
        Problem ??= value <= Last ? $"progress {value} came after {Last}" : null;
        Last = value;
    }
}
