using System.Diagnostics;

namespace RpcGen.Connections;

/// <summary>The object that is open now, and the callers that wait for one. Guarded by its owner's lock.</summary>
/// <typeparam name="T">The type of the object.</typeparam>
/// <param name="name">What is kept open, for the <see cref="ObjectDisposedException"/>.</param>
internal sealed class Availability<T>(string name)
    where T : class
{
    private TaskCompletionSource<T> _opened = CreateSource();

    /// <summary>Completes with the open object, or fails after <see cref="End"/>.</summary>
    public Task<T> WhenOpen => _opened.Task;

    /// <summary>The object is open: completes the waits.</summary>
    public void Set(T opened)
    {
        Debug.Assert(!_opened.Task.IsCompletedSuccessfully, "Only one object is open at a time.");
        _opened.TrySetResult(opened); // false after End
    }

    /// <summary>The object was lost: later waits are for the next one.</summary>
    public void Clear()
    {
        if (!_opened.Task.IsFaulted)
        {
            _opened = CreateSource();
        }
    }

    /// <summary>No object will open any more: fails all waits. What is open now is left to <see cref="Clear"/>.</summary>
    public void End()
    {
        if (_opened.TrySetException(new ObjectDisposedException(name)))
        {
            _ = _opened.Task.Exception; // marks it as observed, because there can be no waiter
        }
    }

    private static TaskCompletionSource<T> CreateSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
