using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>Collects the violations of one call. Not thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed partial class RpcValidation
{
    [ThreadStatic]
    private static RpcValidation? _cached;

    /// <summary>A hostile request must not make a fault larger than itself.</summary>
    private const int MaxNoted = 256;

    private Dictionary<string, string[]>? _errors;

    /// <summary>Whether nothing was noted.</summary>
    public bool IsValid => _errors is null;

    /// <summary>How many violations were noted.</summary>
    public int Count { get; private set; }

    /// <summary>Notes a violation, unless there are hundreds already.</summary>
    /// <param name="path">The JSON path from the parameter on, such as <c>order.lines[2].quantity</c>.</param>
    /// <param name="message">What is wrong, as a sentence.</param>
    public void Add(string path, string message)
    {
        if (++Count > MaxNoted)
        {
            return;
        }

        _errors ??= new Dictionary<string, string[]>(StringComparer.Ordinal);
        _errors[path] = _errors.TryGetValue(path, out string[]? known) ? [.. known, message] : [message];
    }

    /// <summary>Whether a parameter's value was read, so that it can be checked: false once anything in it was noted.</summary>
    public bool CanCheck(string parameter) =>
        _errors is null || !_errors.Keys.Any(path =>
            path.StartsWith(parameter, StringComparison.Ordinal) &&
            (path.Length == parameter.Length || path[parameter.Length] is '.' or '['));

    /// <summary>An empty one, to be filled and asked with <see cref="ThrowIfInvalid"/> on this thread.</summary>
    internal static RpcValidation Rent()
    {
        RpcValidation validation = _cached ?? new RpcValidation();
        _cached = null;
        return validation;
    }

    internal void ThrowIfInvalid()
    {
        if (_errors is not null)
        {
            throw new RpcValidationException(_errors);
        }

        _cached = this;
    }
}
