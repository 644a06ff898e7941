namespace RpcGen.Hosting;

/// <summary>What is wrong with settings, gathered so that all of it is told at once.</summary>
internal sealed class SettingsProblems
{
    private readonly List<string> _errors = [];
    private readonly List<string> _warnings = [];

    /// <summary>What keeps the host from starting.</summary>
    public IReadOnlyList<string> Errors => _errors;

    /// <summary>What is worth a line in the log.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    public void Add(string error) => _errors.Add(error);

    public void Warn(string warning) => _warnings.Add(warning);

    /// <summary>Runs a check that throws; what it says, which begins with the setting's name, is told with <paramref name="prefix"/> before it.</summary>
    public bool Check(string prefix, Action check)
    {
        try
        {
            check();
            return true;
        }
        catch (ArgumentException e)
        {
            // What follows is for programmers: the parameter's name, and the value again.
            string message = e.Message.Split(" (Parameter ", 2)[0].ReplaceLineEndings(" ");
            Add($"{prefix}{message}{(message.EndsWith('.') ? "" : ".")}");
            return false;
        }
    }
}
