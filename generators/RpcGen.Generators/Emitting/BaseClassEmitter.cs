using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>
/// Emits the abstract class that implements a contract. Languages without static abstract interface members, such as F# and Visual
/// Basic, cannot implement the interface, but they can derive from the class.
/// </summary>
internal static class BaseClassEmitter
{
    /// <summary>The class; empty if the contract asks for none.</summary>
    public static Code Emit(ContractModel contract) => contract.BaseClass is not { } declaration ? Code.Empty : Code.Of($$"""
        /// <summary>The base of services that implement <see cref="{{contract.FullName}}"/>, also in languages that cannot implement the interface.</summary>
        {{ContractEmitter.GeneratedCode}}
        {{declaration}} : {{contract.FullName}}
        {
            {{Code.Members(contract.Methods.Select(Method))}}
        }
        """);

    private static Code Method(MethodModel method)
    {
        Code parameters = Code.List(method.Parameters.Select((p, i) =>
            Code.Of($"{(p.IsParams ? "params " : "")}{method.Implementations[0].ParameterTypes[i]} {p.Name}{Default(method, i)}")));
        return Code.Of($$"""
            /// <inheritdoc/>
            public abstract {{method.Implementations[0].ReturnType}} {{method.Name}}({{parameters}});
            """);
    }

    /// <summary>The default value, as C# allows it: not before parameters without one.</summary>
    private static string Default(MethodModel method, int index) =>
        method.Parameters[index].Constant is { } value && method.Parameters.Skip(index).All(p => p.Constant is not null || p.IsParams) ? " = " + value : "";
}
