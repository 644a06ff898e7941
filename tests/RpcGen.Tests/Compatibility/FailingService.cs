namespace RpcGen.Tests.Compatibility;

/// <summary>A service whose exception has the same text on every machine.</summary>
internal sealed class FailingService : IRecorded
{
    public Task<string> FailAsync(string how, CancellationToken cancellationToken) => throw new TerseException();

    public Task<RecordedReceipt> PlaceAsync(RecordedOrder order, bool express, CancellationToken cancellationToken) => throw new TerseException();

    public Task ForgetAsync(int number, CancellationToken cancellationToken) => throw new TerseException();

    public Task<string?> FindAsync(string name, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> WaitAsync(int milliseconds, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> HurryAsync(int milliseconds, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> KeepAsync(int number, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> PayAsync(int amount, CancellationToken cancellationToken) => throw new TerseException();

    public Task ArchiveAsync(int number, CancellationToken cancellationToken) => throw new TerseException();

    public Task HintAsync(int number, CancellationToken cancellationToken) => throw new TerseException();

    public Task ChangedAsync(string[] articles, CancellationToken cancellationToken) => throw new TerseException();

    public IAsyncEnumerable<int> CountAsync(int count, CancellationToken cancellationToken) => throw new TerseException();

    public IAsyncEnumerable<int> CountSlowlyAsync(int count, CancellationToken cancellationToken) => throw new TerseException();

    public IAsyncEnumerable<int> WatchAsync(CancellationToken cancellationToken) => throw new TerseException();

    public Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> RenderAsync(int pages, IProgress<int>? progress, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> SumAsync(int atMost, IAsyncEnumerable<int> numbers, CancellationToken cancellationToken) => throw new TerseException();

    public Task<int> PonderAsync(int milliseconds, CancellationToken cancellationToken) => throw new TerseException();

    public IAsyncEnumerable<int> DoubleAsync(IAsyncEnumerable<int> numbers, CancellationToken cancellationToken) => throw new TerseException();

    /// <summary>Its text has no stack, which would name files of a machine.</summary>
    private sealed class TerseException() : Exception("A message.")
    {
        public override string ToString() => "detail";
    }
}
