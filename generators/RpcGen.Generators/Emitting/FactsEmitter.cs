using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>Emits the file with the facts for a contract's description. The runtime reads them only when a peer asks.</summary>
internal static class FactsEmitter
{
    public static string Emit(FactsModel facts) => ContractEmitter.EmitFile(facts.Contract, Code.Of($$"""
        partial interface {{facts.Contract.Name}}
        {
            /// <summary>Texts, rules and other facts for descriptions of the contract.</summary>
            {{ContractEmitter.GeneratedCode}}
            private static class __RpcFacts{{facts.Contract.Suffix}}
            {
                public const string Text = {{Literals.Of(facts.Text)}};
            }
        }
        """));
}
