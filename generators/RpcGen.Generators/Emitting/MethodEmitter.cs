using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The class that describes one method: how its arguments are written, read and checked, and how it is run.</summary>
internal sealed class MethodEmitter(MethodModel method, ContractModel contract)
{
    private const string Generated = "global::RpcGen.Generated";

    private readonly ParameterModel[] _arguments = [.. method.Arguments];
    private readonly string _tuple = Tuple([.. method.Arguments]);
    private readonly string _result = Result(method);

    public static Code Emit(MethodModel method, ContractModel contract) => new MethodEmitter(method, contract).Class();

    /// <summary>The types of arguments and result.</summary>
    public static string TypeArguments(MethodModel method) => $"{Tuple([.. method.Arguments])}, {Result(method)}";

    /// <summary>The tuple with the arguments in it.</summary>
    public static string NewTuple(IReadOnlyList<string> values) => values switch
    {
        [] => "default",
        [var only] => $"new({only})",
        _ => $"({string.Join(", ", values)})",
    };

    private static string Tuple(ParameterModel[] arguments) => arguments switch
    {
        [] => "global::System.ValueTuple",
        [var only] => $"global::System.ValueTuple<{only.Type}>",
        _ => $"({string.Join(", ", arguments.Select(p => p.Type + " " + p.ElementName))})",
    };

    private static string Result(MethodModel method) => method.ResultType ?? Generated + ".RpcVoid";

    private Code Class() => Code.Of($$"""
        /// <summary><c>{{method.Name}}</c>, {{CSharpText.XmlText(method.WireName)}} on the wire.</summary>
        {{(method.IsObsolete ? "[global::System.ObsoleteAttribute]" : "")}}
        public sealed class {{method.ClassName}}({{Generated}}.RpcJson json)
            : {{Generated}}.RpcMethod<{{contract.FullName}}, {{_tuple}}, {{_result}}>(json, {{CSharpText.Literal(method.WireName)}})
        {
            {{Code.Lines(_arguments.Select(Field))}}

            {{Properties()}}

            {{(_arguments.Length == 0 ? Code.Empty : Write())}}

            {{(_arguments.Length == 0 ? Code.Empty : Read())}}

            {{Validate()}}

            public override global::System.Threading.Tasks.ValueTask<{{_result}}> InvokeAsync({{contract.FullName}} service, {{_tuple}} arguments, global::System.Threading.CancellationToken cancellationToken) =>
                {{Invoke()}};
        }
        """);

    private static string Field(ParameterModel p) =>
        $"private readonly {Generated}.RpcProperty<{p.Type}> {p.PropertyName} = new(json, {CSharpText.Literal(p.WireName)}{(p.DefaultValue is null ? "" : ", isRequired: false")}{(p.Check.Guard is null ? "" : ", refusesNull: true")});";

    private Code Properties() => Code.Members(
    [
        method.TimeoutMilliseconds is { } timeout ? $"public override global::System.TimeSpan Timeout => global::System.TimeSpan.FromMilliseconds({CSharpText.Literal(timeout)});" : "",
        .. DeliveryEmitter.Emit(method.Delivery),
        method.Token is null ? "public override bool IsCancellable => false;" : "",
        _arguments.Length > 0 ? $"public override global::System.Collections.Generic.IReadOnlyList<{Generated}.RpcProperty> Parameters => [{string.Join(", ", _arguments.Select(p => "this." + p.PropertyName))}];" : "",
        method.Faults.Count > 0 ? $"public override global::System.Collections.Generic.IReadOnlyList<{Generated}.RpcFault> Faults {{ get; }} = [{string.Join(", ", method.Faults.Select(fault => $"new {fault}(json)"))}];" : "",
    ]);

    private Code Write() => Code.Of($$"""
        public override void WriteArguments(global::System.Text.Json.Utf8JsonWriter writer, in {{_tuple}} arguments)
        {
            {{(contract.IsBare ? "" : "writer.WriteStartObject();")}}
            {{Code.Lines(_arguments.Select(p => $"this.{p.PropertyName}.{(contract.IsBare ? "WriteBare" : "Write")}(writer, {Value(p)});"))}}
            {{(contract.IsBare ? "" : "writer.WriteEndObject();")}}
        }
        """);

    private Code Read() => Code.Of($$"""
        public override {{_tuple}} ReadArguments(ref {{Generated}}.RpcArgumentReader reader)
        {
            {{Code.Lines(_arguments.Select(p => $"{Generated}.RpcArgument<{p.Type}> {p.LocalName} = default;"))}}
            {{(contract.IsBare ? ReadBare() : ReadObject())}}

            return {{NewTuple([.. _arguments.Select(Taken)])}};
        }
        """);

    private Code ReadObject() => Code.Of($$"""
        while (reader.NextParameter())
        {
            _ = {{Code.Lines(_arguments.Select((p, i) => $"{(i == 0 ? "" : "    || ")}reader.Read(this.{p.PropertyName}, ref {p.LocalName})").Append("    || reader.Skip()"))}};
        }
        """);

    private Code ReadBare() => Code.Lines(_arguments.Select(p => $"reader.ReadBare(this.{p.PropertyName}, ref {p.LocalName});"));

    private static string Taken(ParameterModel parameter) => parameter.DefaultValue is { } value
        ? $"{parameter.LocalName}.Or({value})"
        : $"{parameter.LocalName}.Required(ref reader, {CSharpText.Literal(parameter.WireName)})";

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

    private string Invoke()
    {
        string target = method.IsCalledDirectly ? "service" : $"(({method.Implementations[0].Interface})service)";
        string arguments = string.Join(", ", method.Parameters.Select(p => p.IsToken ? "cancellationToken" : Value(p)));
        string call = $"{target}.{method.Name}({arguments})";
        return method switch
        {
            { ResultType: null } => $"{Generated}.RpcVoid.From({call})",
            { ReturnsTask: true } => $"new({call})",
            _ => call,
        };
    }

    /// <summary>A tuple of one has no names.</summary>
    private string Value(ParameterModel parameter) => _arguments.Length > 1 ? "arguments." + parameter.ElementName : "arguments.Item1";
}
