namespace RpcGen.Client.Streaming;

/// <summary>What a client's method returns. Each enumeration is a call of its own, which starts with the first read.</summary>
/// <param name="open">Makes the call, and returns its stream.</param>
/// <param name="cancellationToken">Cancels every enumeration.</param>
internal sealed class StreamEnumerable<TItem>(Func<CancellationToken, ValueTask<IAsyncEnumerable<TItem>>> open, CancellationToken cancellationToken) : IAsyncEnumerable<TItem>
{
    /// <inheritdoc/>
    public IAsyncEnumerator<TItem> GetAsyncEnumerator(CancellationToken enumerationToken = default) => new StreamEnumerator<TItem>(open, cancellationToken, enumerationToken);
}

/// <summary>One enumeration. Not thread-safe.</summary>
/// <param name="open">Makes the call, and returns its stream.</param>
/// <param name="callToken">The token of the method's parameter.</param>
/// <param name="enumerationToken">The token of the enumeration.</param>
internal sealed class StreamEnumerator<TItem>(Func<CancellationToken, ValueTask<IAsyncEnumerable<TItem>>> open, CancellationToken callToken, CancellationToken enumerationToken) : IAsyncEnumerator<TItem>
{
    private CancellationTokenSource? _either;
    private IAsyncEnumerator<TItem>? _stream;
    private bool _isStarted;

    /// <inheritdoc/>
    public TItem Current => _stream is null ? default! : _stream.Current;

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync() => _stream is { } stream ? stream.MoveNextAsync() : OpenAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _isStarted = true;
        if (_stream is not null)
        {
            await _stream.DisposeAsync().ConfigureAwait(false);
        }

        _either?.Dispose();
    }

    private async ValueTask<bool> OpenAsync()
    {
        if (_isStarted)
        {
            return false; // it has failed, or was disposed
        }

        _isStarted = true;
        callToken.ThrowIfCancellationRequested();
        enumerationToken.ThrowIfCancellationRequested();
        _stream = (await open(Join()).ConfigureAwait(false)).GetAsyncEnumerator(enumerationToken);
        return await _stream.MoveNextAsync().ConfigureAwait(false);
    }

    /// <summary>The token of the call.</summary>
    private CancellationToken Join()
    {
        if (!callToken.CanBeCanceled || callToken == enumerationToken)
        {
            return enumerationToken;
        }

        if (!enumerationToken.CanBeCanceled)
        {
            return callToken;
        }

        _either = CancellationTokenSource.CreateLinkedTokenSource(callToken, enumerationToken);
        return _either.Token;
    }
}
