using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// The class of a method that no base class reads and writes the arguments of: one with none, one with more than they have,
/// and one whose bodies are bare.
/// </summary>
internal sealed class WideMethodEmitter(MethodModel method, ContractModel contract)
{
    private const string Generated = MethodEmitter.Generated;

    private readonly ParameterModel[] _arguments = [.. method.Arguments];
    private readonly string _tuple = Tuple([.. method.Arguments]);
    private readonly string _result = MethodEmitter.Result(method);

    public Code Class() => Code.Of($$"""
        {{MethodEmitter.Summary(method)}}
        public sealed class {{method.ClassName}}({{Generated}}.RpcJson json)
            : {{Generated}}.RpcMethod<{{contract.FullName}}, {{_tuple}}, {{_result}}>(json, {{CSharpText.Literal(method.WireName)}})
        {
            {{Code.Lines(_arguments.Select(p => Code.Of($"private readonly {Generated}.RpcProperty<{p.Type}> {p.PropertyName} = {MethodEmitter.NewProperty(p)};")))}}

            {{Code.Members(MethodEmitter.Promises(method))}}

            {{(_arguments.Length == 0 ? Code.Empty : Arguments())}}

            {{Validate()}}

            public override global::System.Threading.Tasks.ValueTask<{{_result}}> InvokeAsync({{contract.FullName}} service, {{_tuple}} arguments, global::System.Threading.CancellationToken cancellationToken) =>
                {{MethodEmitter.Invoke(method, Value)}};
        }
        """);

    private static string Tuple(ParameterModel[] arguments) => arguments switch
    {
        [] => "global::System.ValueTuple",
        [var only] => $"global::System.ValueTuple<{only.Type}>",
        _ => $"({string.Join(", ", arguments.Select(p => p.Type + " " + p.ElementName))})",
    };

    private Code Arguments() => Code.Of($$"""
        public override global::System.Collections.Generic.IReadOnlyList<global::RpcGen.RpcProperty> Parameters => [{{Code.List(_arguments.Select(p => "this." + p.PropertyName))}}];

        public override void WriteArguments(global::System.Text.Json.Utf8JsonWriter writer, in {{_tuple}} arguments)
        {
            {{(contract.IsBare ? "" : "writer.WriteStartObject();")}}
            {{Code.Lines(_arguments.Select(p => $"this.{p.PropertyName}.{(contract.IsBare ? "WriteBare" : "Write")}(writer, {Value(p)});"))}}
            {{(contract.IsBare ? "" : "writer.WriteEndObject();")}}
        }

        public override {{_tuple}} ReadArguments(ref {{Generated}}.RpcArgumentReader reader)
        {
            {{Code.Lines(_arguments.Select(p => $"{Generated}.RpcArgument<{p.Type}> {p.LocalName} = default;"))}}
            {{(contract.IsBare ? ReadBare() : ReadObject())}}

            return {{MethodEmitter.NewTuple([.. _arguments.Select(p => $"{p.LocalName}.Take(this.{p.PropertyName}, ref reader)")])}};
        }
        """);

    private Code ReadObject() => Code.Of($$"""
        while (reader.NextParameter())
        {
            _ = {{Code.Lines(_arguments.Select((p, i) => $"{(i == 0 ? "" : "    || ")}reader.Read(this.{p.PropertyName}, ref {p.LocalName})").Append("    || reader.Skip()"))}};
        }
        """);

    private Code ReadBare() => Code.Lines(_arguments.Select(p => $"reader.ReadBare(this.{p.PropertyName}, ref {p.LocalName});"));

    private Code Validate()
    {
        Code checks = ValueCheckEmitter.Arguments(_arguments.Select(p => (p, Value(p))));
        return checks.IsEmpty ? checks : Code.Of($$"""
            public override void Validate(in {{_tuple}} arguments, {{Generated}}.RpcValidation validation)
            {
                {{checks}}
            }
            """);
    }

    /// <summary>A tuple of one has no names.</summary>
    private string Value(ParameterModel parameter) => _arguments.Length > 1 ? "arguments." + parameter.ElementName : "arguments.Item1";
}
