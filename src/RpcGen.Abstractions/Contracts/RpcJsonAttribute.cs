namespace RpcGen;

/// <summary>
/// Changes the JSON of a contract, on the interface or for all contracts of the assembly. The contract's attribute replaces the assembly's as a
/// whole. Client and server have to agree, so each option except <see cref="NumbersFromText"/> and <see cref="CaseInsensitiveArguments"/>
/// breaks deployed peers: the record of the contract shows the change (<c>docs/contract-evolution.md</c>).
/// </summary>
[AttributeUsage(AttributeTargets.Interface | AttributeTargets.Assembly, Inherited = false)]
public sealed class RpcJsonAttribute : Attribute
{
    /// <summary>
    /// Whether enums are sent by the names of their values, or by <c>[JsonStringEnumMemberName]</c>. Numbers are still read. Enums with a
    /// converter of their own keep it. Default: false, and enums are numbers.
    /// </summary>
    public bool EnumsAsText { get; set; }

    /// <summary>Whether numbers can also be read from text, such as <c>"12"</c>. They are written as numbers. Default: false.</summary>
    public bool NumbersFromText { get; set; }

    /// <summary>
    /// Whether integers of 64 and 128 bits are written as text, because JavaScript rounds numbers beyond 2^53. Both numbers and text are read.
    /// It also applies to members with <c>[JsonNumberHandling]</c>. Default: false.
    /// </summary>
    public bool Int64AsText { get; set; }

    /// <summary>
    /// Whether the names of arguments are compared without regard to case, as those of members always are. Default: false.
    /// </summary>
    public bool CaseInsensitiveArguments { get; set; }
}
