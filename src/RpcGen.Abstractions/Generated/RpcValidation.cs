using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace RpcGen.Generated;

/// <summary>
/// Collects the violations of one call, each under the path of its value. Once the limits of what is reported are reached, it
/// builds no more paths and enters no more values: checking costs little then. Not thread-safe.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public sealed class RpcValidation
{
    private const string MustNotBeNull = "The value must not be null.";

    [ThreadStatic]
    private static RpcValidation? _cached;

    private Violations? _violations;
    private ValidationPath _path;
    private int _maxTextBytes = Violations.MaxTextBytes;

    /// <summary>Whether there is no violation.</summary>
    public bool IsValid => _violations is null;

    /// <summary>The number of violations that were found, including those that are not kept.</summary>
    public int Count { get; private set; }

    private bool IsFull => _violations is { IsFull: true };

    /// <summary>Adds a violation, unless the limits of what is reported are reached.</summary>
    /// <param name="path">The JSON path from the parameter on, such as <c>order.lines[2].quantity</c>.</param>
    /// <param name="message">What is wrong, as a sentence.</param>
    public void Add(string path, string message)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(message);
        Count++;
        _violations ??= new Violations(_maxTextBytes);
        _violations.Add(path, message);
    }

    /// <summary>
    /// Whether the value of a parameter is to be checked: false if it could not be read, which means that it or a part of it has
    /// a violation, or if no more violations are reported.
    /// </summary>
    public bool CanCheck(string parameter) =>
        _violations is null || (!_violations.IsFull && !_violations.Paths.Any(path =>
            path.StartsWith(parameter, StringComparison.Ordinal) &&
            (path.Length == parameter.Length || path[parameter.Length] is '.' or '[')));

    /// <summary>Enters a parameter or member. <see cref="Leave"/> must follow.</summary>
    /// <returns>False, and a violation, if the value is nested too deep.</returns>
    public bool Enter(string name) => Enter(new ValidationPath.Step(Name: name));

    /// <summary>Enters a parameter or member that must not be null. <see cref="Leave"/> must follow.</summary>
    /// <returns>False if it is null or nested too deep, which adds a violation, or if it was not read.</returns>
    public bool EnterNotNull(string name, object? value)
    {
        if (_path.Depth == 0 && !CanCheck(name))
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

    /// <summary>Enters an element of a collection. <see cref="Leave"/> must follow.</summary>
    /// <returns>False, and a violation, if the value is nested too deep.</returns>
    public bool Enter(int index) => Enter(new ValidationPath.Step(Index: index));

    /// <summary>Enters a value of a dictionary. <see cref="Leave"/> must follow.</summary>
    /// <returns>False, and a violation, if the value is nested too deep.</returns>
    public bool EnterKey(object key) => Enter(new ValidationPath.Step(Key: key));

    /// <summary>Returns to where the last <c>Enter</c> was called.</summary>
    public void Leave()
    {
        Debug.Assert(_path.Depth > 0, "Leave was called without Enter.");
        _path.Pop();
    }

    /// <summary>Adds a violation by a parameter, or by a member of the current value.</summary>
    public void Fail(string member, string message) => Add(new ValidationPath.Step(Name: member), message);

    /// <summary>Adds the violation that a parameter, or a member of the current value, is null.</summary>
    public void FailNull(string member) => Fail(member, MustNotBeNull);

    /// <summary>Adds the violation that an element of the current collection is null.</summary>
    public void FailNull(int index) => Add(new ValidationPath.Step(Index: index), MustNotBeNull);

    /// <summary>Adds the violation that a value of the current dictionary is null.</summary>
    public void FailNullKey(object key) => Add(new ValidationPath.Step(Key: key), MustNotBeNull);

    /// <summary>Adds a violation if a parameter, or a member of the current value, is null.</summary>
    public void NotNull(string member, object? value)
    {
        if (value is null && (_path.Depth > 0 || CanCheck(member)))
        {
            FailNull(member);
        }
    }

    /// <summary>
    /// Whether a value meets an attribute. A regular expression that times out is not met, and ends the check of the arguments:
    /// the next violation is the last.
    /// </summary>
    public bool IsMet(ValidationAttribute attribute, object? value)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        if (IsFull)
        {
            return true; // nothing would be added
        }

        try
        {
            return attribute.IsValid(value);
        }
        catch (RegexMatchTimeoutException)
        {
            StopAfterNext();
            return false;
        }
    }

    /// <summary>Checks a parameter, or a member of the current value, with an attribute.</summary>
    /// <param name="attribute">The attribute.</param>
    /// <param name="value">The value to check.</param>
    /// <param name="instance">The object that has the member; null for a parameter.</param>
    /// <param name="name">The member's name in C#.</param>
    /// <param name="displayName">The member's name in messages.</param>
    /// <param name="member">The member's name in JSON.</param>
    public void Check(ValidationAttribute attribute, object? value, object? instance, string name, string displayName, string member)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        if (IsFull)
        {
            return;
        }

        var context = new ValidationContext(instance ?? value ?? this, displayName, serviceProvider: null, items: null) { MemberName = name };
        if (Ask(attribute, value, context) is { } result)
        {
            Fail(member, result.ErrorMessage ?? attribute.FormatErrorMessage(displayName));
        }
    }

    /// <summary>Checks the current value with an attribute of its type.</summary>
    public void CheckWhole(ValidationAttribute attribute, object value, string displayName, Func<string, string> jsonName)
    {
        ArgumentNullException.ThrowIfNull(attribute);
        if (!IsFull && Ask(attribute, value, new ValidationContext(value, displayName, serviceProvider: null, items: null)) is { } result)
        {
            Add(result, displayName, jsonName);
        }
    }

    /// <summary>Lets the current value check itself.</summary>
    public void CheckWhole(IValidatableObject value, string displayName, Func<string, string> jsonName)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (IsFull)
        {
            return;
        }

        try
        {
            foreach (ValidationResult result in value.Validate(new ValidationContext(value, displayName, serviceProvider: null, items: null)))
            {
                if (result is not null)
                {
                    Add(result, displayName, jsonName);
                }

                if (IsFull)
                {
                    return;
                }
            }
        }
        catch (RegexMatchTimeoutException)
        {
            StopAfterNext();
            Add(new ValidationResult(null), displayName, jsonName);
        }
    }

    /// <summary>Gets an instance without violations. <see cref="ThrowIfInvalid"/> must be called on the same thread.</summary>
    /// <param name="maxTextBytes">The limit of all paths and messages together.</param>
    internal static RpcValidation Rent(int maxTextBytes = Violations.MaxTextBytes)
    {
        RpcValidation validation = _cached ?? new RpcValidation();
        _cached = null;
        validation._maxTextBytes = maxTextBytes;
        return validation;
    }

    /// <summary>Returns the instance to the thread's cache if it is valid.</summary>
    /// <exception cref="RpcValidationException">There is a violation.</exception>
    internal void ThrowIfInvalid()
    {
        if (_violations is not null)
        {
            throw new RpcValidationException(_violations.ToErrors());
        }

        _cached = this;
    }

    /// <summary>Asks an attribute; a regular expression that times out is a violation.</summary>
    private ValidationResult? Ask(ValidationAttribute attribute, object? value, ValidationContext context)
    {
        try
        {
            return attribute.GetValidationResult(value, context);
        }
        catch (RegexMatchTimeoutException)
        {
            StopAfterNext();
            return new ValidationResult(attribute.FormatErrorMessage(context.DisplayName));
        }
    }

    /// <summary>A peer that finds one value which costs a time-out could send thousands of them.</summary>
    private void StopAfterNext() => (_violations ??= new Violations(_maxTextBytes)).StopAfterNext();

    private bool Enter(ValidationPath.Step step)
    {
        if (IsFull)
        {
            return false;
        }

        if (_path.TryPush(step))
        {
            return true;
        }

        Add(step, $"The value is nested deeper than {ValidationPath.MaxDepth} levels.");
        return false;
    }

    private void Add(ValidationPath.Step last, string message)
    {
        if (IsFull)
        {
            Count++; // before the path is built
        }
        else
        {
            Add(_path.ToString(last), message);
        }
    }

    private void Add(ValidationResult result, string displayName, Func<string, string> jsonName)
    {
        string message = result.ErrorMessage ?? $"The value of {displayName} is invalid.";
        int before = Count;
        foreach (string member in result.MemberNames)
        {
            Fail(jsonName(member), message);
            if (IsFull)
            {
                return;
            }
        }

        if (Count == before)
        {
            Add(_path.ToString(), message);
        }
    }
}
