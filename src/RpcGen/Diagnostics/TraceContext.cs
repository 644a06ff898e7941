using System.Diagnostics;

namespace RpcGen.Diagnostics;

/// <summary>Passes spans between processes, as W3C Trace Context and W3C Baggage define.</summary>
internal static class TraceContext
{
    /// <summary>The longest trace state that is passed on. W3C Trace Context asks for 512 characters at least, and lets longer ones be left out.</summary>
    public const int MaxStateLength = 8192;

    /// <summary>The <c>traceparent</c> of a span; null if it has none.</summary>
    public static string? TraceParent(Activity? activity) => activity is { IdFormat: ActivityIdFormat.W3C } ? activity.Id : null;

    /// <summary>Adds a span's trace state and baggage. If it has neither, as is usual, returns the headers unchanged.</summary>
    public static IReadOnlyDictionary<string, object?>? AddTo(IReadOnlyDictionary<string, object?>? headers, Activity activity)
    {
        string? state = activity.TraceStateString is { Length: <= MaxStateLength } fitting ? fitting : null;
        string? baggage = W3CBaggage.Write(activity.Baggage);
        if (string.IsNullOrEmpty(state) && baggage is null)
        {
            return headers;
        }

        Dictionary<string, object?> all = headers is null ? new(StringComparer.Ordinal) : new(headers, StringComparer.Ordinal);
        if (!string.IsNullOrEmpty(state))
        {
            all[ReservedHeaders.TraceState] = state;
        }

        if (baggage is not null)
        {
            all[ReservedHeaders.Baggage] = baggage;
        }

        return all;
    }

    /// <summary>The caller's span; the default if the headers have none, or an invalid one.</summary>
    public static ActivityContext Read(string? traceParent, IDictionary<string, object?>? headers) =>
        ActivityContext.TryParse(traceParent, HeaderReader.Text(headers, ReservedHeaders.TraceState), isRemote: true, out ActivityContext context) ? context : default;

    /// <summary>Adds the caller's baggage to a span.</summary>
    public static void ReadBaggage(IDictionary<string, object?>? headers, Activity activity)
    {
        if (HeaderReader.Text(headers, ReservedHeaders.Baggage) is { } baggage)
        {
            foreach ((string name, string value) in W3CBaggage.Read(baggage))
            {
                activity.AddBaggage(name, value);
            }
        }
    }
}
