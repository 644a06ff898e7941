namespace RpcGen.Testing;

/// <summary>Undoes something once, when it is disposed.</summary>
internal sealed class Undo(Action action) : IDisposable
{
    private Action? _action = action;

    /// <inheritdoc/>
    public void Dispose() => Interlocked.Exchange(ref _action, null)?.Invoke();
}
