using System.Collections;
using Microsoft.Extensions.Logging;

namespace RpcGen.Diagnostics;

/// <summary>A log message with its named values, escaped: some loggers write the text, others the template with the values.</summary>
/// <param name="text">The message.</param>
/// <param name="values">The values and the template; null if the message has none.</param>
internal sealed class LogLine(string text, IReadOnlyList<KeyValuePair<string, object?>>? values) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string _text = LogText.Escape(text);

    public int Count => values?.Count ?? 0;

    public KeyValuePair<string, object?> this[int index]
    {
        get
        {
            KeyValuePair<string, object?> value = values?[index] ?? throw new ArgumentOutOfRangeException(nameof(index));
            return value.Value is string raw ? new(value.Key, LogText.Escape(raw)) : value;
        }
    }

    /// <summary>Writes a message to a log, escaped.</summary>
    public static void Write<TState>(ILogger log, LogLevel level, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = new LogLine(formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>>);
        Exception? shown = EscapedException.Of(exception);
        log.Log(level, eventId, line, shown, static (line, _) => line.ToString());
    }

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        for (int i = 0; i < Count; i++)
        {
            yield return this[i];
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => _text;
}
