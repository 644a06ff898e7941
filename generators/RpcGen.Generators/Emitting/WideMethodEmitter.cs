using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>
/// Emits the class of a method whose arguments no base class reads and writes: a method without parameters, with more parameters
/// than <c>RpcFunction</c> supports, or with bare bodies.
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
            : {{Generated}}.RpcMethod<{{contract.FullName}}, {{_tuple}}, {{_result}}>(json, {{Literals.Of(method.WireName)}}{{MethodEmitter.Items(method)}})
        {
            {{Code.Lines(_arguments.Select(p => Code.Of($"private readonly {Generated}.RpcProperty<{p.Type}> {p.FieldName} = {MethodEmitter.NewProperty(p)};")))}}

            {{Code.Members(MethodEmitter.Overrides(method))}}

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
        public override global::System.Collections.Generic.IReadOnlyList<global::RpcGen.RpcProperty> Parameters => [{{Code.List(_arguments.Select(p => "this." + p.FieldName))}}];

        public override void WriteArguments(global::System.Text.Json.Utf8JsonWriter writer, in {{_tuple}} arguments)
        {
            {{(contract.IsBare ? "" : "writer.WriteStartObject();")}}
            {{Code.Lines(_arguments.Select(p => $"this.{p.FieldName}.{(contract.IsBare ? "WriteBare" : "Write")}(writer, {Value(p)});"))}}
            {{(contract.IsBare ? "" : "writer.WriteEndObject();")}}
        }

        {{OfferStreams()}}

        public override {{_tuple}} ReadArguments(ref {{Generated}}.RpcArgumentReader reader)
        {
            {{Code.Lines(_arguments.Select(p => $"{Generated}.RpcArgument<{p.Type}> {p.LocalName} = default;"))}}
            {{(contract.IsBare ? ReadBare() : ReadObject())}}

            return {{MethodEmitter.NewTuple([.. _arguments.Select(p => $"{p.LocalName}.Take(this.{p.FieldName}, ref reader)")])}};
        }
        """);

    private Code OfferStreams() => !_arguments.Any(IsApart) ? Code.Empty : Code.Of($$"""
        public override void OfferStreams(in {{_tuple}} arguments, {{Generated}}.RpcStreamSources sources)
        {
            {{Code.Lines(_arguments.Where(IsApart).Select(p => $"this.{p.FieldName}.Offer({Value(p)}, sources);"))}}
        }
        """);

    private static bool IsApart(ParameterModel p) => (p.Stream ?? p.Bytes ?? p.Progress) is not null;

    private Code ReadObject() => Code.Of($$"""
        while (reader.NextParameter())
        {
            _ = {{Code.Lines(_arguments.Select((p, i) => $"{(i == 0 ? "" : "    || ")}reader.Read(this.{p.FieldName}, ref {p.LocalName})").Append("    || reader.Skip()"))}};
        }
        """);

    private Code ReadBare() => Code.Lines(_arguments.Select(p => $"reader.ReadBare(this.{p.FieldName}, ref {p.LocalName});"));

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

    /// <summary>The expression for an argument in the tuple. C# cannot name the element of a tuple of one.</summary>
    private string Value(ParameterModel parameter) => _arguments.Length > 1 ? "arguments." + parameter.ElementName : "arguments.Item1";
}
