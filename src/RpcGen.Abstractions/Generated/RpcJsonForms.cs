using System.ComponentModel;

namespace RpcGen.Generated;

/// <summary>How the JSON of a contract differs from the default: the options of <see cref="RpcJsonAttribute"/> that are set.</summary>
[Flags]
[EditorBrowsable(EditorBrowsableState.Never)]
public enum RpcJsonForms
{
    /// <summary>The default.</summary>
    None = 0,

    /// <summary>Enums are sent by the names of their values.</summary>
    EnumsAsText = 1,

    /// <summary>Numbers are also read from text.</summary>
    NumbersFromText = 2,

    /// <summary>Integers of 64 and 128 bits are written as text.</summary>
    Int64AsText = 4,

    /// <summary>The names of arguments are compared without regard to case.</summary>
    CaseInsensitiveArguments = 8,
}
