using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The class that describes one method: how its arguments are written, read and checked, and how it is run.</summary>
internal static class MethodEmitter
{
    public static string Emit(MethodModel method, ContractModel contract) => Code.Of($$"""
        /// <summary>The method <c>{{method.Name}}</c>, {{CSharpText.XmlText(method.WireName)}} on the wire.</summary>
        {{ContractEmitter.GeneratedCode}}
        {{(method.IsObsolete ? "[global::System.ObsoleteAttribute]" : "")}}
        private sealed class {{method.ClassName}} : global::RpcGen.Generated.RpcMethod<{{contract.FullName}}, {{ClientEmitter.TypeArguments(method)}}>
        {
            {{Code.Lines(method.Arguments.Select(p => $"private readonly global::System.Text.Json.Serialization.Metadata.JsonTypeInfo<{p.Type}> {p.TypeInfoName};"))}}

            public {{method.ClassName}}(global::RpcGen.Generated.RpcJson json)
                : base({{CSharpText.Literal(method.WireName)}}, {{(method.ResultType is null ? "null" : $"json.GetTypeInfo<{method.ResultType}>()")}})
            {
                {{Code.Lines(method.Arguments.Select(p => $"this.{p.TypeInfoName} = json.GetTypeInfo<{p.Type}>();"))}}
                {{Properties(method)}}
            }

            public override void WriteArguments(global::System.Text.Json.Utf8JsonWriter writer, in Arguments arguments)
            {
                {{(contract.IsBare ? WriteBare(method) : WriteObject(method))}}
            }

            public override Arguments ReadArguments(ref global::RpcGen.Generated.RpcArgumentReader reader)
            {
                {{(contract.IsBare ? ReadBare(method) : ReadObject(method))}}
            }

            public override void Validate(in Arguments arguments, global::RpcGen.Generated.RpcValidation validation)
            {
                {{ValueCheckEmitter.Arguments(method)}}
            }

            public override global::System.Threading.Tasks.ValueTask<{{method.ResultType ?? "global::RpcGen.Generated.RpcVoid"}}> InvokeAsync({{contract.FullName}} service, Arguments arguments, global::System.Threading.CancellationToken cancellationToken) =>
                {{Invoke(method)}};

            {{ArgumentsEmitter.Emit(method)}}
        }
        """);

    private static string Properties(MethodModel method) => Code.Lines(
    [
        method.TimeoutMilliseconds is { } timeout ? $"this.Timeout = global::System.TimeSpan.FromMilliseconds({CSharpText.Literal(timeout)});" : "",
        method.IsIdempotent ? "this.IsIdempotent = true;" : "",
        method.IsAtMostOnce ? "this.IsAtMostOnce = true;" : "",
        method.Faults.Count > 0 ? $"this.Faults = [{string.Join(", ", method.Faults.Select(fault => $"new {fault}(json)"))}];" : "",
    ]);

    private static string WriteObject(MethodModel method) => Code.Of($$"""
        writer.WriteStartObject();
        {{Code.Lines(method.Arguments.Select(p => $"writer.WritePropertyName({CSharpText.Literal(p.WireName)}u8);\n{WriteValue(p)}"))}}
        writer.WriteEndObject();
        """);

    private static string WriteBare(MethodModel method) => Code.Lines(method.Arguments.Select(WriteValue));

    private static string WriteValue(ParameterModel parameter) =>
        $"global::System.Text.Json.JsonSerializer.Serialize(writer, arguments.{parameter.FieldName}, this.{parameter.TypeInfoName});";

    private static string ReadObject(MethodModel method)
    {
        string branches = string.Join("\nelse ", method.Arguments.Select(p => Code.Of($$"""
            if (reader.IsNamed({{CSharpText.Literal(p.WireName)}}u8))
            {
                {{ReadValue(p)}}
            }
            """)));
        return Code.Of($$"""
            {{Code.Lines(method.Arguments.Select(Local))}}
            while (reader.NextParameter())
            {
                {{(branches.Length == 0 ? "reader.Skip();" : Code.Of($$"""
                    {{branches}}
                    else
                    {
                        reader.Skip();
                    }
                    """))}}
            }

            return {{NewArguments(method)}};
            """);
    }

    private static string ReadBare(MethodModel method) => Code.Of($$"""
        {{Code.Lines(method.Arguments.Select(p => $"{Local(p)}\n{ReadValue(p)}"))}}
        return {{NewArguments(method)}};
        """);

    private static string Local(ParameterModel parameter) =>
        $"global::RpcGen.Generated.RpcArgument<{parameter.Type}> {parameter.LocalName} = default;";

    private static string ReadValue(ParameterModel parameter) =>
        $"{parameter.LocalName}.Read(ref reader, {CSharpText.Literal(parameter.WireName)}, this.{parameter.TypeInfoName});";

    private static string NewArguments(MethodModel method)
    {
        string values = string.Join(", ", method.Arguments.Select(p => p.DefaultValue is { } value
            ? $"{p.LocalName}.Or({value})"
            : $"{p.LocalName}.Required(ref reader, {CSharpText.Literal(p.WireName)})"));
        return values.Length == 0 ? "default" : $"new({values})";
    }

    private static string Invoke(MethodModel method)
    {
        string target = method.IsOwn ? "service" : $"(({method.DeclaringInterfaces[0]})service)";
        string arguments = string.Join(", ", method.Parameters.Select(p => p.IsToken ? "cancellationToken" : $"arguments.{p.FieldName}"));
        string call = $"{target}.{method.Name}({arguments})";
        return method switch
        {
            { ResultType: null } => $"global::RpcGen.Generated.RpcVoid.From({call})",
            { ReturnsTask: true } => $"new({call})",
            _ => call,
        };
    }
}
