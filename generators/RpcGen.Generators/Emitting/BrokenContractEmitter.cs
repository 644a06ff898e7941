using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>Emits a contract with errors. Its uses compile, so that the user sees the actual error and no others.</summary>
internal static class BrokenContractEmitter
{
    public static Code Emit(ContractModel contract, BrokenContract broken)
    {
        string contractInterface = $"global::RpcGen.IRpcContract<{contract.FullName}>";
        string refusal = $"throw new global::System.NotSupportedException({Literals.Of($"The contract '{contract.MetadataName}' could not be generated. See the errors of its build.")})";
        string error = broken.UnresolvedType is null
            ? ""
            : $"#error The contract '{contract.MetadataName}' cannot be generated, because the generator cannot resolve the type '{broken.UnresolvedType}'. If another generator creates that type, declare it in another project.";
        return Code.Of($$"""
            {{error}}
            partial interface {{contract.Name}} : {{contractInterface}}
            {
                static global::RpcGen.Generated.RpcContract {{contractInterface}}.DescribeContract() =>
                    {{refusal}};

                static {{contract.FullName}} {{contractInterface}}.CreateClient(global::RpcGen.Generated.RpcClientBinder binder) =>
                    {{refusal}};

                static void {{contractInterface}}.BindServer(global::RpcGen.Generated.RpcServerBinder<{{contract.FullName}}> binder) =>
                    {{refusal}};
            }
            """);
    }
}
