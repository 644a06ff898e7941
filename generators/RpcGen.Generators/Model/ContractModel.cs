namespace RpcGen.Generators.Model;

/// <summary>All that the generator needs to know of a contract. Strings and flags only; equal means same output.</summary>
internal sealed record ContractModel
{
    /// <summary>Metadata name with dots throughout: <c>Demo.Outer.IFibonacciService</c>.</summary>
    public required string MetadataName { get; init; }

    /// <summary>As C# names it from anywhere: <c>global::Demo.Outer.IFibonacciService</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>Null for the global namespace.</summary>
    public required string? Namespace { get; init; }

    /// <summary>Headers of the containing types, outermost first: <c>partial class Outer</c>.</summary>
    public required EquatableArray<string> ContainingTypes { get; init; }

    /// <summary>The interface's identifier.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Why there is nothing to generate but what makes uses of the contract compile, so that the reason is the only error
    /// that the user sees; else null.
    /// </summary>
    public BrokenContract? Broken { get; init; }

    /// <summary>The version of its assembly; null where it has none that is known.</summary>
    public string? Version { get; init; }

    public string Queue { get; init; } = "";

    public bool IsBare { get; init; }

    public bool FailFast { get; init; }

    /// <summary>By which ids the compiler would warn of what the generated code uses, since it is obsolete or experimental.</summary>
    public EquatableArray<string> Suppressions { get; init; }

    /// <summary>What the names of the generated nested types end in: nothing, unless the user's own have these names.</summary>
    public string Suffix { get; init; } = "";

    public EquatableArray<MethodModel> Methods { get; init; }

    public EquatableArray<FaultModel> Faults { get; init; }

    /// <summary>What checks the values of parameters from within.</summary>
    public EquatableArray<ValidatorModel> Validators { get; init; }

    /// <summary>What validation keeps in fields.</summary>
    public EquatableArray<AttributeFieldModel> ValidationFields { get; init; }
}

/// <summary>Why a contract is not generated.</summary>
/// <param name="UnknownType">A type that does not exist, or that another generator makes; null where an analyzer reports an error.</param>
internal sealed record BrokenContract(string? UnknownType);
