using System.Diagnostics.CodeAnalysis;

namespace RpcGen.Diagnostics;

/// <summary>
/// Replaces a logged exception whose message has text that could forge a line, because applications put text of peers into
/// messages. It shows the same text, escaped. Line ends between stack frames stay.
/// </summary>
[SuppressMessage("Design", "CA1032:Implement standard exception constructors", Justification = "Made from another exception only.")]
internal sealed class EscapedException : Exception
{
    private readonly string _text;

    private EscapedException(Exception original, string text)
        : base($"{original.GetType()}: {LogText.Escape(original.Message)}")
    {
        _text = text;
        StackTrace = original.StackTrace;
    }

    public override string? StackTrace { get; }

    /// <summary>Returns the exception itself if its messages are safe.</summary>
    public static Exception? Of(Exception? exception)
    {
        if (exception is null)
        {
            return null;
        }

        string text = exception.ToString();
        string escaped = text;
        foreach (string message in Messages(exception))
        {
            string safe = LogText.Escape(message);
            if (!ReferenceEquals(safe, message))
            {
                escaped = escaped.Replace(message, safe, StringComparison.Ordinal);
            }
        }

        return ReferenceEquals(escaped, text) ? exception : new EscapedException(exception, escaped);
    }

    public override string ToString() => _text;

    /// <summary>The messages of an exception and of all inside it, the longest first: one can contain another.</summary>
    private static IEnumerable<string> Messages(Exception exception)
    {
        var found = new List<string>();
        Collect(exception);
        return found.OrderByDescending(message => message.Length);

        void Collect(Exception one)
        {
            found.Add(one.Message);
            if (one is AggregateException many)
            {
                many.InnerExceptions.ToList().ForEach(Collect);
            }
            else if (one.InnerException is { } cause)
            {
                Collect(cause);
            }
        }
    }
}
