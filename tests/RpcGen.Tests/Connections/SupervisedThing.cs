using RpcGen.Transport;

namespace RpcGen.Tests.Connections;

/// <summary>Something that a supervisor keeps open.</summary>
internal sealed class SupervisedThing : IClosable
{
    private readonly TaskCompletionSource<TransportClosure> _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TransportClosure> Closed => _closed.Task;

    public Task Disposed => _disposed.Task;

    public Exception? FailureOfDisposal { get; init; }

    public void Lose(string reason) => _closed.SetResult(new TransportClosure(reason));

    public ValueTask DisposeAsync()
    {
        _disposed.TrySetResult();
        return FailureOfDisposal is null ? default : ValueTask.FromException(FailureOfDisposal);
    }
}
