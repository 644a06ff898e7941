namespace RpcGen.Server.Running;

/// <summary>A call that takes long, as <see cref="ServerCall"/> knows it. Thread-safe.</summary>
internal interface ILongCall
{
    /// <summary>Whether the call was taken over. Stays true after its end.</summary>
    bool IsAdopted { get; }

    /// <summary>The call is about to be answered like others, or given up. False if it was taken over.</summary>
    bool TryWithdraw();

    /// <summary>Gives the outcome to the caller of a call that was taken over.</summary>
    void Answer(ReadOnlySpan<byte> body, bool isFault, IReadOnlyDictionary<string, object?>? headers);

    /// <summary>The call has ended. From here on, its object can be in use for another call.</summary>
    void End();
}

/// <summary>Stands for the long call that a call like others does not become any more, because it is being answered.</summary>
internal sealed class AnsweredCall : ILongCall
{
    private AnsweredCall()
    {
    }

    /// <summary>The only one: it has no state.</summary>
    public static AnsweredCall Instance { get; } = new();

    /// <inheritdoc/>
    public bool IsAdopted => false;

    /// <inheritdoc/>
    public bool TryWithdraw() => true;

    /// <inheritdoc/>
    public void Answer(ReadOnlySpan<byte> body, bool isFault, IReadOnlyDictionary<string, object?>? headers) => throw new InvalidOperationException("The call was never long.");

    /// <inheritdoc/>
    public void End()
    {
    }
}
