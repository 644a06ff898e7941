namespace RpcGen.Cli.Calling;

/// <summary>
/// Reads lines of the standard input. A console cannot interrupt a read: a cancelled one leaves the line that it has waited for to the next one.
/// One reader at a time.
/// </summary>
internal sealed class InputReader(TextReader input)
{
    private Task<string?>? _awaited;

    /// <summary>Reads the next line; null at the end.</summary>
    public async ValueTask<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        _awaited ??= Task.Run(input.ReadLine, CancellationToken.None);
        string? line = await _awaited.WaitAsync(cancellationToken).ConfigureAwait(false);
        _awaited = null;
        return line;
    }
}
