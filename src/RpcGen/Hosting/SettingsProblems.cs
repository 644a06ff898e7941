using Microsoft.Extensions.Options;

namespace RpcGen.Hosting;

/// <summary>Collects what is wrong with settings, so that all of it is reported at once.</summary>
internal sealed class SettingsProblems
{
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    /// <summary>Errors, which prevent the host's start.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>Warnings, which are logged when the host starts.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public void Add(string error) => _errors.Add(error);

    public void Warn(string warning) => _warnings.Add(warning);

    /// <summary>Runs a check that throws. Its message, which starts with the setting's name, becomes an error that starts with <paramref name="prefix"/>.</summary>
    /// <returns>Whether the check passed.</returns>
    public bool Check(string prefix, Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ArgumentException e)
        {
            // ArgumentException appends the parameter's name and value for programmers.
            string message = e.Message.Split(" (Parameter ", 2)[0].ReplaceLineEndings(" ");
            Add($"{prefix}{message}{(message.EndsWith('.') ? "" : ".")}");
            return false;
        }
    }

    /// <summary>The result of a validation: each error once.</summary>
    public ValidateOptionsResult ToResult() =>
        _errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(_errors.Distinct(StringComparer.Ordinal));
}
