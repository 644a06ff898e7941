using RpcGen.Chaos.History;

namespace RpcGen.Chaos.Workers;

/// <summary>Callers that make one call after the other, two for each promise.</summary>
internal sealed class Callers(RpcConnection connection, HistoryWriter history, int number, int seed)
{
    private const int CallersPerPromise = 2;
    private const int MaxPause = 20;
    private const int MaxDuration = 30;
    private const int MaxItems = 2000;

    /// <summary>Long enough for the other side to be lost while the call runs.</summary>
    private const int MaxLongDuration = 1_500;

    private readonly IAnvil _client = connection.CreateClient<IAnvil>(new RpcClientOptions { Queue = WorkerProcess.Queue, Timeout = WorkerProcess.Timeout });
    private int _calls;

    /// <summary>Calls until the token fires, then waits for the last calls.</summary>
    public async Task<int> RunAsync(CancellationToken end)
    {
        await Task.WhenAll(Enum.GetValues<Promise>().SelectMany(promise => Enumerable.Range(0, CallersPerPromise)
            .Select(caller => Task.Run(() => CallAsync(promise, new Random(HashCode.Combine(seed, number, promise, caller)), end)))));
        return 0;
    }

    private async Task CallAsync(Promise promise, Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            long id = ((long)number << 32) | (uint)Interlocked.Increment(ref _calls);
            history.Start(id, promise);
            try
            {
                history.Succeed(id, await CallAsync(promise, id, random));
            }
            catch (Exception e) // of any type: the checks decide
            {
                history.Fail(id, e);
            }

            await Task.Delay(random.Next(MaxPause), CancellationToken.None);
        }
    }

    private async Task<long> CallAsync(Promise promise, long id, Random random)
    {
        int duration = random.Next(MaxDuration);
        switch (promise)
        {
            case Promise.Plain:
                return await _client.DoAsync(id, duration);
            case Promise.Idempotent:
                return await _client.DoIdempotentlyAsync(id, duration);
            case Promise.AtMostOnce:
                return await _client.DoOnceAsync(id, duration);
            case Promise.OneWay:
                await _client.SendAsync(id, duration);
                return id;
            case Promise.Durable:
                await _client.SendDurablyAsync(id, duration);
                return id;
            case Promise.Long:
                return await _client.DoLongAsync(id, random.Next(MaxLongDuration));
            default:
                await ReadAsync(id, random.Next(MaxItems));
                return id;
        }
    }

    private async Task ReadAsync(long id, int count)
    {
        int next = 0;
        await foreach (int item in _client.CountAsync(id, count))
        {
            if (item != next++)
            {
                throw new InvalidDataException($"item {item} came instead of {next - 1}");
            }
        }

        if (next != count)
        {
            throw new InvalidDataException($"{next} of {count} items came before the end");
        }
    }
}
