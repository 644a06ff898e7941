using RpcGen.Chaos.History;

namespace RpcGen.Chaos.Workers;

/// <summary>Callers that make one call after the other, two for each promise.</summary>
internal sealed class Callers(RpcConnection connection, HistoryWriter history, int number, int seed)
{
    private const int CallersPerPromise = 2;
    private const int MaxPause = 20;
    private const int MaxDuration = 30;
    private const int MaxItems = 2000;
    private const int MaxProgress = 50;
    private const int BytesPerItem = 200;

    /// <summary>Long calls last longer than faults, and than it takes to connect again.</summary>
    private const int MaxLongDuration = 12_000;
    private const int MaxMiddleDuration = 1_000;

    private readonly IAnvil _client = connection.CreateClient<IAnvil>(new RpcClientOptions { Queue = WorkerProcess.Queue, Timeout = WorkerProcess.Timeout });
    private readonly IAnvil _patient = connection.CreateClient<IAnvil>(new RpcClientOptions { Queue = WorkerProcess.Queue, Timeout = WorkerProcess.LongTimeout });
    private CancellationToken _end;
    private int _calls;

    /// <summary>Calls until the token fires, then cancels the long calls and waits for the others.</summary>
    public async Task<int> RunAsync(CancellationToken end)
    {
        _end = end;
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
                return await _patient.DoLongAsync(id, random.Next(random.Next(3) == 0 ? MaxLongDuration : MaxMiddleDuration), _end);
            case Promise.LongAtMostOnce:
                return await _patient.DoLongOnceAsync(id, random.Next(random.Next(3) == 0 ? MaxLongDuration : MaxMiddleDuration), _end);
            default:
                return await StreamAsync(promise, id, random.Next(MaxItems));
        }
    }

    /// <summary>Makes a call with streams, whose items have to come in order and completely.</summary>
    private async Task<long> StreamAsync(Promise promise, long id, int count)
    {
        switch (promise)
        {
            case Promise.Upload:
                return await _client.StoreAsync(id, count, Numbers.CountAsync(count));
            case Promise.Download:
                int length = count * BytesPerItem;
                await using (Stream bytes = await _client.DownloadAsync(id, length))
                {
                    await Numbers.CheckAsync(bytes, length);
                }

                return id;
            case Promise.Progress:
                return await ReportAsync(id, count % MaxProgress);
            default:
                IAsyncEnumerable<int> numbers = promise == Promise.Duplex ? _client.EchoAsync(id, Numbers.CountAsync(count)) : _client.CountAsync(id, count);
                await foreach (int _ in Numbers.CheckAsync(numbers, count))
                {
                    // They are checked.
                }

                return id;
        }
    }

    private async Task<long> ReportAsync(long id, int count)
    {
        var meter = new Meter();
        long answer = await _client.ReportAsync(id, count, meter);
        return meter.Problem is null && meter.Last == count ? answer : throw new InvalidDataException(meter.Problem ?? $"the last progress was {meter.Last} of {count}");
    }
}
