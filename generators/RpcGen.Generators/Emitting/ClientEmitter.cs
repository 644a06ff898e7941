using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// The client proxy. Its methods implement the contract's explicitly and have no locals, so that no name of the user's can
/// collide with one of ours.
/// </summary>
internal static class ClientEmitter
{
    public static Code Emit(ContractModel contract) => Code.Of($$"""
        /// <summary>Calls the service on a queue.</summary>
        {{ContractEmitter.GeneratedCode}}
        private sealed class __RpcClient : global::RpcGen.Generated.RpcClientBase, {{contract.FullName}}
        {
            {{Code.Lines(contract.Methods.Select(method => Code.Of($"private readonly global::RpcGen.Generated.RpcCaller<{MethodEmitter.TypeArguments(method)}> {method.FieldName};")))}}

            public __RpcClient(global::RpcGen.Generated.RpcClientBinder binder)
            {
                {{Code.Lines(contract.Methods.Select(method => Code.Of($"this.{method.FieldName} = binder.Bind(new __RpcMethods.{method.ClassName}(binder.Json));")))}}
            }

            {{Code.Members(contract.Methods.SelectMany(method => method.DeclaringInterfaces.Select(declaring => Method(method, declaring))))}}
        }
        """);

    private static Code Method(MethodModel method, string declaringInterface)
    {
        Code parameters = Code.List(method.Parameters.Select(p => Code.Of($"{(p.IsParams ? "params " : "")}{p.Type} {p.Name}")));
        Code arguments = MethodEmitter.NewTuple([.. method.Arguments.Select(p => p.Name)]);
        string token = method.Token?.Name ?? "global::System.Threading.CancellationToken.None";
        return Code.Of($$"""
            /// <inheritdoc/>
            {{method.ReturnType}} {{declaringInterface}}.{{method.Name}}({{parameters}}) =>
                this.{{method.FieldName}}.{{(method.ResultType is null ? "CallVoidAsync" : "CallAsync")}}(this.Settings, {{arguments}}, {{token}}){{(method.ReturnsTask ? ".AsTask()" : "")}};
            """);
    }
}
