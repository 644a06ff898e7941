namespace RpcGen.Generators.Model;

/// <summary>A declared fault: which exception travels under which code, and how it is rebuilt.</summary>
internal sealed record FaultModel
{
    /// <summary>The nested class for it: <c>OverflowFault</c>.</summary>
    public required string ClassName { get; init; }

    public required string Code { get; init; }

    /// <summary>The exception's type.</summary>
    public required string ExceptionType { get; init; }

    /// <summary>Its members that travel.</summary>
    public required EquatableArray<FaultMemberModel> Members { get; init; }

    /// <summary>What the constructor that rebuilds it gets.</summary>
    public required EquatableArray<FaultArgumentModel> Arguments { get; init; }
}

/// <summary>A member of an exception that travels.</summary>
internal sealed record FaultMemberModel(string Name, string JsonName, string Type, string PropertyName, bool IsNonNullableReference)
{
    /// <summary>Whether it is set after construction rather than by the constructor.</summary>
    public bool IsAssigned { get; init; }
}

/// <summary>What a constructor's parameter gets.</summary>
/// <param name="MemberIndex">The member it restores, or -1.</param>
/// <param name="IsMessage">Whether it is the exception's message; with neither, it gets the default of its type.</param>
internal sealed record FaultArgumentModel(string Type, int MemberIndex = -1, bool IsMessage = false);
