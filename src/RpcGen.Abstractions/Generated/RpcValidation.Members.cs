using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Text;

namespace RpcGen.Generated;

/// <content>
/// The way from a parameter into the members of its value. It is written down as text only where a violation is found.
/// </content>
public sealed partial class RpcValidation
{
    /// <summary>As deep as JSON may be: what nests deeper, or in a circle, could not be sent.</summary>
    private const int MaxDepth = 64;

    private const string MustNotBeNull = "The value must not be null.";

    private Step[] _path = [];
    private int _depth;

    /// <summary>Goes into a parameter or member, to be followed by <see cref="Leave"/>; false, and a violation, where that is too deep.</summary>
    public bool Enter(string name) => Enter(new Step(Name: name));

    /// <summary>Goes into a parameter or member that must not be null, to be followed by <see cref="Leave"/>; false where that is impossible, and a violation where it was none before.</summary>
    public bool EnterNotNull(string name, object? value)
    {
        if (_depth == 0 && !CanCheck(name))
        {
            return false;
        }

        if (value is null)
        {
            FailNull(name);
            return false;
        }

        return Enter(name);
    }

    /// <summary>Goes into an element of a collection, to be followed by <see cref="Leave"/>; false, and a violation, where that is too deep.</summary>
    public bool Enter(int index) => Enter(new Step(Index: index));

    /// <summary>Goes into a value of a dictionary, to be followed by <see cref="Leave"/>; false, and a violation, where that is too deep.</summary>
    public bool EnterKey(object key) => Enter(new Step(Key: key));

    /// <summary>Goes back to where the last <c>Enter</c> was.</summary>
    public void Leave() => _depth--;

    /// <summary>Notes a violation by a member of the value entered, or by a parameter.</summary>
    public void Fail(string member, string message) => Add(PathTo(new Step(Name: member)), message);

    /// <summary>Notes that a member of the value entered, or a parameter, is null and must not be.</summary>
    public void FailNull(string member) => Fail(member, MustNotBeNull);

    /// <summary>Notes a violation where a member of the value entered, or a parameter, is null and must not be.</summary>
    public void NotNull(string member, object? value)
    {
        if (value is null && (_depth > 0 || CanCheck(member)))
        {
            FailNull(member);
        }
    }

    /// <summary>Notes that an element of the collection entered is null and must not be.</summary>
    public void FailNull(int index) => Add(PathTo(new Step(Index: index)), MustNotBeNull);

    /// <summary>Notes that a value of the dictionary entered is null and must not be.</summary>
    public void FailNullKey(object key) => Add(PathTo(new Step(Key: key)), MustNotBeNull);

    /// <summary>Has an attribute check a member of the value entered, or a parameter.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="value">The value to check.</param>
    /// <param name="instance">The object that has the member; for a parameter null.</param>
    /// <param name="name">The member's name in C#.</param>
    /// <param name="displayName">Its name in messages.</param>
    /// <param name="member">Its name in JSON.</param>
    public void Check(ValidationAttribute attribute, object? value, object? instance, string name, string displayName, string member)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        var context = new ValidationContext(instance ?? value ?? this, displayName, serviceProvider: null, items: null) { MemberName = name };
        if (attribute.GetValidationResult(value, context) is { } result)
        {
            Fail(member, result.ErrorMessage ?? attribute.FormatErrorMessage(displayName));
        }
    }

    /// <summary>Has an attribute of the type of the value entered check it.</summary>
    public void CheckWhole(ValidationAttribute attribute, object value, string displayName, Func<string, string> jsonName)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        if (attribute.GetValidationResult(value, new ValidationContext(value, displayName, serviceProvider: null, items: null)) is { } result)
        {
            Note(result, displayName, jsonName);
        }
    }

    /// <summary>Has the value entered check itself.</summary>
    public void CheckWhole(IValidatableObject value, string displayName, Func<string, string> jsonName)
    {
        ArgumentNullException.ThrowIfNull(value);
        foreach (ValidationResult result in value.Validate(new ValidationContext(value, displayName, serviceProvider: null, items: null)))
        {
            if (result is not null)
            {
                Note(result, displayName, jsonName);
            }
        }
    }

    private void Note(ValidationResult result, string displayName, Func<string, string> jsonName)
    {
        string message = result.ErrorMessage ?? $"The value of {displayName} is invalid.";
        int before = Count;
        foreach (string member in result.MemberNames)
        {
            Fail(jsonName(member), message);
        }

        if (Count == before)
        {
            Add(Path().ToString(), message);
        }
    }

    private bool Enter(Step step)
    {
        if (_depth == MaxDepth)
        {
            Add(PathTo(step), $"The value is nested deeper than {MaxDepth} levels.");
            return false;
        }

        if (_depth == _path.Length)
        {
            Array.Resize(ref _path, Math.Max(8, 2 * _depth));
        }

        _path[_depth++] = step;
        return true;
    }

    private string PathTo(Step step)
    {
        StringBuilder path = Path();
        step.AppendTo(path);
        return path.ToString();
    }

    private StringBuilder Path()
    {
        var path = new StringBuilder();
        for (int i = 0; i < _depth; i++)
        {
            _path[i].AppendTo(path);
        }

        return path;
    }

    /// <summary>A member, a key of a dictionary or an element of a collection.</summary>
    private readonly record struct Step(string? Name = null, object? Key = null, int Index = 0)
    {
        /// <summary>As System.Text.Json writes paths: <c>a.b[2]</c>, and <c>['a.b']</c> for a key that is no plain name.</summary>
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
            else if (Convert.ToString(Key, CultureInfo.InvariantCulture) is { Length: > 0 } key && !key.AsSpan().ContainsAny(".[]' "))
            {
                path.Append('.').Append(key);
            }
            else
            {
                path.Append(CultureInfo.InvariantCulture, $"['{Key}']");
            }
        }
    }
}
