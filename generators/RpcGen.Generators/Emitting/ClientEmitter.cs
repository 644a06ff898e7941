using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>
/// Emits the client proxy. It implements the contract's methods explicitly and without locals, so that the user's names cannot
/// collide with generated ones.
/// </summary>
internal static class ClientEmitter
{
    public static Code Emit(ContractModel contract) => Code.Of($$"""
        /// <summary>The client: each method sends a request to the service.</summary>
        {{ContractEmitter.GeneratedCode}}
        private sealed class __RpcClient{{contract.Suffix}} : global::RpcGen.Generated.RpcClientBase, {{contract.FullName}}
        {
            {{Code.Lines(contract.Methods.Select(method => Code.Of($"private readonly {MethodEmitter.Caller(method)} {method.FieldName};")))}}

            public __RpcClient{{contract.Suffix}}(global::RpcGen.Generated.RpcClientBinder binder)
            {
                {{Code.Lines(contract.Methods.Select(method => Code.Of($"this.{method.FieldName} = binder.{MethodEmitter.Bind(method)}(new __RpcMethods{contract.Suffix}.{method.ClassName}(binder.Json));")))}}
            }

            {{Code.Members(contract.Methods.SelectMany(method => method.Implementations.Select(declared => Method(method, declared))))}}
        }
        """);

    private static Code Method(MethodModel method, ImplementationModel declared)
    {
        // A hidden method can have other nullable annotations than the contract's own, which decides what the proxy accepts.
        string forgive = declared.ReturnType == method.ReturnType && declared.ParameterTypes.SequenceEqual(method.Parameters.Select(p => p.Type)) ? "" : "!";
        Code parameters = Code.List(method.Parameters.Select((p, i) => Code.Of($"{(p.IsParams ? "params " : "")}{declared.ParameterTypes[i]} {p.Name}")));
        Code arguments = Code.Of($"{MethodEmitter.NewTuple([.. method.Arguments.Select(p => p.Name + forgive)])}{forgive}");
        string token = method.Token?.Name ?? "global::System.Threading.CancellationToken.None";
        string call = method switch
        {
            { Stream: not null } => "Stream",
            { ResultType: null } => "CallVoidAsync",
            _ => "CallAsync",
        };
        return Code.Of($$"""
            /// <inheritdoc/>
            {{declared.ReturnType}} {{declared.Interface}}.{{method.Name}}({{parameters}}) =>
                this.{{method.FieldName}}.{{call}}(this.Settings, {{arguments}}, {{token}}){{(method is { ReturnsTask: true, Stream: null } ? ".AsTask()" : "")}}{{forgive}};
            """);
    }
}
