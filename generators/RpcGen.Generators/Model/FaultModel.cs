
namespace RpcGen.Generators.Model;

/// <summary>A declared fault: an exception, its code, and how to rebuild it.</summary>
internal sealed record FaultModel
{
    /// <summary>The name of the nested class for the fault, such as <c>OverflowFault</c>.</summary>
    public required string ClassName { get; init; }

    public required string Code { get; init; }

    /// <summary>The status of HTTP responses; null for the default.</summary>
    public int? HttpStatus { get; init; }

    /// <summary>The exception's type.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>The exception's properties that the fault transmits.</summary>
    public required EquatableArray<FaultMemberModel> Members { get; init; }

    /// <summary>The arguments of the constructor that rebuilds the exception.</summary>
    public required EquatableArray<FaultArgumentModel> Arguments { get; init; }
}

/// <summary>A property of an exception that the fault transmits.</summary>
internal sealed record FaultMemberModel(string Name, string JsonName, string Type, string FieldName, bool IsNonNullableReference)
{
    /// <summary>Whether an object initializer sets the property. Otherwise the constructor does.</summary>
    public bool IsAssigned { get; init; }
}

/// <summary>An argument of the constructor that rebuilds an exception: a member, the message, or the default of its type.</summary>
/// <param name="Type">The parameter's type.</param>
/// <param name="MemberIndex">The index of the member in <see cref="FaultModel.Members"/>, or <see cref="NoMember"/>.</param>
/// <param name="IsMessage">Whether the argument is the exception's message.</param>
internal sealed record FaultArgumentModel(string Type, int MemberIndex = FaultArgumentModel.NoMember, bool IsMessage = false)
{
    public const int NoMember = -1;
}
