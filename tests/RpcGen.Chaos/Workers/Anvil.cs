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

    public async IAsyncEnumerable<int> CountAsync(long call, int count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        history.Run(call);
        for (int i = 0; i < count; i++)
        {
            if (i % 64 == 63)
            {
                await Task.Delay(1, cancellationToken);
            }

            yield return i;
        }
    }

    private async Task<long> RunAsync(long call, int milliseconds, CancellationToken cancellationToken)
    {
        history.Run(call);
        await Task.Delay(milliseconds, cancellationToken);
        return call;
    }
}
