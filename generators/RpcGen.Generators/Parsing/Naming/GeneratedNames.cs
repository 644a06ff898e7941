using RpcGen.Generators.Text;

namespace RpcGen.Generators.Parsing.Naming;

/// <summary>The names in the generated code of one contract: those of method classes and proxy fields, and those of types it uses.</summary>
internal sealed class GeneratedNames
{
    /// <summary>Classes that describe methods.</summary>
    public UniqueNames Classes { get; } = new([]);

    /// <summary>Fields of the proxy.</summary>
    public UniqueNames Fields { get; } = new([]);

    public TypeNames Types { get; } = new();
}
