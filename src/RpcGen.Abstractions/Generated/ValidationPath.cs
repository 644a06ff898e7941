using System.Globalization;
using System.Text;

namespace RpcGen.Generated;

/// <summary>
/// The path from a parameter to a member of its value, as a stack of steps. It is formatted only when a violation is found.
/// A mutable struct: keep it in a field.
/// </summary>
internal struct ValidationPath
{
    /// <summary>The maximum depth of JSON: a value that is nested deeper, or contains itself, could not be sent.</summary>
    public const int MaxDepth = 64;

    /// <summary>The longest part of a dictionary's key, in characters. Keys are the peer's, and can be as long as the message.</summary>
    private const int MaxKeyLength = 128;

    private Step[]? _steps;

    public int Depth { get; private set; }

    /// <summary>Adds a step.</summary>
    /// <returns>False if the path already has <see cref="MaxDepth"/> steps.</returns>
    public bool TryPush(Step step)
    {
        if (Depth == MaxDepth)
        {
            return false;
        }

        _steps ??= new Step[8];
        if (Depth == _steps.Length)
        {
            Array.Resize(ref _steps, 2 * Depth);
        }

        _steps[Depth++] = step;
        return true;
    }

    /// <summary>Removes the last step.</summary>
    public void Pop() => Depth--;

    /// <summary>Formats the path, such as <c>order.lines[2].quantity</c>.</summary>
    public override readonly string ToString() => Format().ToString();

    /// <summary>Formats the path with one more step.</summary>
    public readonly string ToString(Step last)
    {
        StringBuilder path = Format();
        last.AppendTo(path);
        return path.ToString();
    }

    private readonly StringBuilder Format()
    {
        var path = new StringBuilder();
        for (int i = 0; i < Depth && path.Length <= Violations.MaxTextLength; i++)
        {
            _steps![i].AppendTo(path);
        }

        return path;
    }

    /// <summary>A member if it has a name, otherwise a value of a dictionary if it has a key, otherwise an element of a collection.</summary>
    internal readonly record struct Step(string? Name = null, object? Key = null, int Index = 0)
    {
        /// <summary>Formats as System.Text.Json does: <c>a.b[2]</c>, and <c>['a.b']</c> for a key that is no plain name.</summary>
        public void AppendTo(StringBuilder path)
        {
            if (Name is not null)
            {
                (path.Length > 0 ? path.Append('.') : path).Append(Name);
            }
            else if (Key is null)
            {
                path.Append(CultureInfo.InvariantCulture, $"[{Index}]");
            }
            else
            {
                AppendKey(path, Key);
            }
        }

        private static void AppendKey(StringBuilder path, object key)
        {
            string text = TextLimit.Shorten(Convert.ToString(key, CultureInfo.InvariantCulture) ?? "", MaxKeyLength);
            if (text.Length > 0 && !text.AsSpan().ContainsAny(".[]' "))
            {
                path.Append('.').Append(text);
            }
            else
            {
                path.Append("['").Append(text).Append("']");
            }
        }
    }
}
