using System.Text;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>Arguments break the contract. The call did not run.</summary>
public sealed class RpcValidationException : RpcException
{
    /// <summary>The longest message, in characters. <see cref="Errors"/> has all violations; the message goes into logs.</summary>
    private const int MaxMessageLength = 4096;

    /// <summary>Creates the exception from all violations.</summary>
    /// <param name="errors">Messages by JSON path, such as <c>order.lines[2].quantity</c>.</param>
    public RpcValidationException(IReadOnlyDictionary<string, string[]> errors)
        : base(Describe(errors), innerException: null)
    {
        Errors = errors;
        Execution = RpcExecution.NotStarted;
    }

    /// <summary>All violations: messages by JSON path, starting with the parameter, such as <c>order.lines[2].quantity</c>.</summary>
    public IReadOnlyDictionary<string, string[]> Errors { get; }

    private static string Describe(IReadOnlyDictionary<string, string[]> errors)
    {
        ArgumentNullException.ThrowIfNull(errors);
        var text = new StringBuilder("The arguments break the contract.");
        string separator = " ";
        foreach ((string path, string[] messages) in errors)
        {
            text.Append(separator).Append(path).Append(": ").AppendJoin(' ', messages);
            separator = "; ";
            if (text.Length > MaxMessageLength)
            {
                break;
            }
        }

        return TextLimit.Shorten(text.ToString(), MaxMessageLength);
    }
}
