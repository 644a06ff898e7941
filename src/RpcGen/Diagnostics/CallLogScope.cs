using System.Collections;

namespace RpcGen.Diagnostics;

/// <summary>The scope of the log messages of a handler: method and call id.</summary>
internal sealed class CallLogScope(string method, string? callId) : IReadOnlyList<KeyValuePair<string, object?>>
{
    private readonly string? _callId = callId is null ? null : LogText.Escape(callId);

    public int Count => 2;

    public KeyValuePair<string, object?> this[int index] => index switch
    {
        0 => new(TelemetryNames.ScopeMethod, method),
        1 => new(TelemetryNames.ScopeCallId, _callId),
        _ => throw new ArgumentOutOfRangeException(nameof(index)),
    };

    public IEnumerator<KeyValuePair<string, object?>> GetEnumerator()
    {
        yield return this[0];
        yield return this[1];
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    public override string ToString() => $"{TelemetryNames.ScopeMethod}:{method} {TelemetryNames.ScopeCallId}:{_callId}";
}
