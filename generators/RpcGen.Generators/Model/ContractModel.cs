
namespace RpcGen.Generators.Model;

/// <summary>
/// All that the generator knows about a contract. Like all models it holds strings and flags only, so that equal models mean equal
/// output and can be cached.
/// </summary>
internal sealed record ContractModel
{
    /// <summary>The metadata name, with dots throughout: <c>Demo.Outer.IFibonacciService</c>.</summary>
    public required string MetadataName { get; init; }

    /// <summary>The fully qualified name in C#: <c>global::Demo.Outer.IFibonacciService</c>.</summary>
    public required string FullName { get; init; }

    /// <summary>The namespace; null for the global namespace.</summary>
    public required string? Namespace { get; init; }

    /// <summary>The declarations of the containing types, outermost first: <c>partial class Outer</c>.</summary>
    public required EquatableArray<string> ContainingTypes { get; init; }

    /// <summary>The interface's identifier.</summary>
    public required string Name { get; init; }

    /// <summary>
    /// Why the contract cannot be generated; null if it can. A broken contract still gets members that make its uses compile, so
    /// that the user sees the actual error and no others.
    /// </summary>
    public BrokenContract? Broken { get; init; }

    /// <summary>The version of the contract's assembly; null if it has none.</summary>
    public string? Version { get; init; }

    public string Queue { get; init; } = "";

    /// <summary>The service's own exchange; null for the default exchange.</summary>
    public string? Exchange { get; init; }

    public bool IsBare { get; init; }

    /// <summary>The declaration of the base class for services, such as <c>public abstract class OrdersBase</c>; null if the contract asks for none.</summary>
    public string? BaseClass { get; init; }

    public bool FailFast { get; init; }

    /// <summary>The options of <c>[RpcJson]</c> that are set.</summary>
    public EquatableArray<string> JsonForms { get; init; }

    /// <summary>The enums that are sent by their names.</summary>
    public EquatableArray<string> TextEnums { get; init; }

    /// <summary>The ids of warnings to suppress, because generated code uses obsolete or experimental symbols.</summary>
    public EquatableArray<string> Suppressions { get; init; }

    /// <summary>The suffix of the generated nested types' names. Empty unless the user has nested types of these names.</summary>
    public string Suffix { get; init; } = "";

    public EquatableArray<MethodModel> Methods { get; init; }

    public EquatableArray<FaultModel> Faults { get; init; }

    /// <summary>The methods that check objects, collections and dictionaries in arguments.</summary>
    public EquatableArray<ValidatorModel> Validators { get; init; }

    /// <summary>The static fields that validators use.</summary>
    public EquatableArray<ValidationFieldModel> ValidationFields { get; init; }
}

/// <summary>Why a contract cannot be generated.</summary>
/// <param name="UnresolvedType">A type that does not exist, or that another generator creates; null if an analyzer reports an error.</param>
internal sealed record BrokenContract(string? UnresolvedType);
