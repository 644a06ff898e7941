using System.Text;

namespace RpcGen.Cli.Calling;

/// <summary>Shows the latest progress in one line of the terminal, which disappears at the end. Thread-safe.</summary>
internal sealed class ProgressLine(ToolConsole console) : IDisposable
{
    private readonly Lock _gate = new();
    private bool _isDrawn;

    /// <summary>What takes the progress of a parameter.</summary>
    public IProgress<ReadOnlyMemory<byte>> For(string parameter) => new Progress(this, parameter);

    public void Dispose()
    {
        lock (_gate)
        {
            if (_isDrawn)
            {
                console.RedrawLine("");
                _isDrawn = false;
            }
        }
    }

    private void Show(string parameter, ReadOnlyMemory<byte> value)
    {
        lock (_gate)
        {
            _isDrawn = true;
            console.RedrawLine($"{parameter}: {Encoding.UTF8.GetString(value.Span)}");
        }
    }

    private sealed class Progress(ProgressLine line, string parameter) : IProgress<ReadOnlyMemory<byte>>
    {
        public void Report(ReadOnlyMemory<byte> value) => line.Show(parameter, value);
    }
}
