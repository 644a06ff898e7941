using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// The half of a contract that breaks the rules: uses of it compile, so that what is wrong with it is the only error.
/// </summary>
internal static class BrokenContractEmitter
{
    public static Code Emit(ContractModel contract, BrokenContract broken)
    {
        string face = $"global::RpcGen.IRpcContract<{contract.FullName}>";
        string refusal = $"throw new global::System.NotSupportedException({CSharpText.Literal($"The contract '{contract.MetadataName}' could not be generated: see the errors of its build.")})";
        string error = broken.UnknownType is null
            ? ""
            : $"#error The contract '{contract.MetadataName}' can't be generated while the type '{broken.UnknownType}' is unknown to the generator. If another generator makes that type, declare it in another project.";
        return Code.Of($$"""
            {{error}}
            partial interface {{contract.Name}} : {{face}}
            {
                static global::RpcGen.Generated.RpcContract {{face}}.DescribeContract() =>
                    {{refusal}};

                static {{contract.FullName}} {{face}}.CreateClient(global::RpcGen.Generated.RpcClientBinder binder) =>
                    {{refusal}};

                static void {{face}}.BindServer(global::RpcGen.Generated.RpcServerBinder<{{contract.FullName}}> binder) =>
                    {{refusal}};
            }
            """);
    }
}
