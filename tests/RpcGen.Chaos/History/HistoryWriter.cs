using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace RpcGen.Chaos.History;

/// <summary>Writes the history of one process, a line for each event. What is written survives the death of the process. Thread-safe.</summary>
internal sealed class HistoryWriter(string path) : IDisposable
{
    private readonly FileStream _file = new(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    private readonly Lock _gate = new();

    /// <summary>The time on the machine's monotonic clock.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>A call is made.</summary>
    public void Start(long id, Promise promise) => Write('S', id, promise.ToString());

    /// <summary>A call succeeded.</summary>
    public void Succeed(long id, long answer) => Write('A', id, answer.ToString(CultureInfo.InvariantCulture));

    /// <summary>A call failed.</summary>
    public void Fail(long id, Exception failure)
    {
        string execution = failure is RpcException { Execution: var known } ? known.ToString() : "-";
        Write('F', id, $"{failure.GetType().Name} {execution} {failure.Message.ReplaceLineEndings(" ")}");
    }

    /// <summary>A handler begins to run a call.</summary>
    public void Run(long id) => Write('R', id, RpcCallContext.Current is { IsRedelivered: true } ? "again" : "first");

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private void Write(char kind, long id, string rest)
    {
        lock (_gate)
        {
            _file.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind} {Now.Ticks} {id} {rest}\n")));
        }
    }
}
