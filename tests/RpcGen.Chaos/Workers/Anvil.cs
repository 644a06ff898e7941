using System.Runtime.CompilerServices;
using RpcGen.Chaos.History;

namespace RpcGen.Chaos.Workers;

/// <summary>Notes that its calls run.</summary>
internal sealed class Anvil(HistoryWriter history) : IAnvil
{
    public Task<long> DoAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public Task<long> DoIdempotentlyAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public Task<long> DoOnceAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public Task SendAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public Task SendDurablyAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public Task<long> DoLongAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public Task<long> DoLongOnceAsync(long call, int milliseconds, CancellationToken cancellationToken) => RunAsync(call, milliseconds, cancellationToken);

    public async Task<long> StoreAsync(long call, int count, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken)
    {
        history.Run(call);
        await foreach (int number in Numbers.CheckAsync(numbers, count, cancellationToken))
        {
            if (number % 64 == 63)
            {
                await Task.Delay(1, cancellationToken);
            }
        }

        return call;
    }

    public async IAsyncEnumerable<int> EchoAsync(long call, IAsyncEnumerable<int> numbers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        history.Run(call);
        await foreach (int number in numbers.WithCancellation(cancellationToken))
        {
            yield return number;
        }
    }

    public Task<Stream> DownloadAsync(long call, int length, CancellationToken cancellationToken)
    {
        history.Run(call);
        return Task.FromResult<Stream>(new MemoryStream([.. Enumerable.Range(0, length).Select(static place => (byte)place)], writable: false));
    }

    public async Task<long> ReportAsync(long call, int count, IProgress<int> progress, CancellationToken cancellationToken)
    {
        history.Run(call);
        for (int value = 1; value <= count; value++)
        {
            progress.Report(value);
            await Task.Delay(1, cancellationToken);
        }

        return call;
    }

    public IAsyncEnumerable<int> CountAsync(long call, int count, CancellationToken cancellationToken)
    {
        history.Run(call);
        return Numbers.CountAsync(count, cancellationToken);
    }

    private async Task<long> RunAsync(long call, int milliseconds, CancellationToken cancellationToken)
    {
        history.Run(call);
        await Task.Delay(milliseconds, cancellationToken);
        return call;
    }
}
