using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>The class that describes one method: how its arguments are written, read and checked, and how it is run.</summary>
internal static class MethodEmitter
{
    public static string Emit(MethodModel method, ContractModel contract) => Code.Of($$"""
        /// <summary><c>{{method.Name}}</c>, {{CSharpText.XmlText(method.WireName)}} on the wire.</summary>
        {{(method.IsObsolete ? "[global::System.ObsoleteAttribute]" : "")}}
        public sealed class {{method.ClassName}}(global::RpcGen.Generated.RpcJson json)
            : global::RpcGen.Generated.RpcMethod<{{contract.FullName}}, {{TypeArguments(method)}}>(json, {{CSharpText.Literal(method.WireName)}})
        {
            {{Code.Lines(method.Arguments.Select(p => $"private readonly global::RpcGen.Generated.RpcProperty<{p.Type}> {p.PropertyName} = new(json, {CSharpText.Literal(p.WireName)}{(p.DefaultValue is null ? "" : ", isRequired: false")});"))}}

            {{Properties(method)}}

            {{(method.Arguments.Any() ? Write(method, contract.IsBare) : "")}}

            {{(method.Arguments.Any() ? Read(method, contract.IsBare) : "")}}

            {{Validate(method)}}

            public override global::System.Threading.Tasks.ValueTask<{{Result(method)}}> InvokeAsync({{contract.FullName}} service, {{Tuple(method)}} arguments, global::System.Threading.CancellationToken cancellationToken) =>
                {{Invoke(method)}};
        }
        """);

    /// <summary>The types of arguments and result.</summary>
    public static string TypeArguments(MethodModel method) => $"{Tuple(method)}, {Result(method)}";

    /// <summary>The tuple with the arguments in it.</summary>
    public static string NewTuple(IReadOnlyList<string> values) => values switch
    {
        [] => "default",
        [var only] => $"new({only})",
        _ => $"({string.Join(", ", values)})",
    };

    private static string Tuple(MethodModel method) => method.Arguments.ToList() switch
    {
        [] => "global::System.ValueTuple",
        [var only] => $"global::System.ValueTuple<{only.Type}>",
        var arguments => $"({string.Join(", ", arguments.Select(p => $"{p.Type} {p.ElementName}"))})",
    };

    private static string Result(MethodModel method) => method.ResultType ?? "global::RpcGen.Generated.RpcVoid";

    private static string Properties(MethodModel method) => Code.Members(
    [
        method.TimeoutMilliseconds is { } timeout ? $"public override global::System.TimeSpan Timeout => global::System.TimeSpan.FromMilliseconds({CSharpText.Literal(timeout)});" : "",
        .. Delivery(method.Delivery),
        method.Token is null ? Is("Cancellable", false) : "",
        method.Arguments.Any() ? $"public override global::System.Collections.Generic.IReadOnlyList<global::RpcGen.Generated.RpcProperty> Parameters => [{string.Join(", ", method.Arguments.Select(p => "this." + p.PropertyName))}];" : "",
        method.Faults.Count > 0 ? $"public override global::System.Collections.Generic.IReadOnlyList<global::RpcGen.Generated.RpcFault> Faults {{ get; }} = [{string.Join(", ", method.Faults.Select(fault => $"new {fault}(json)"))}];" : "",
    ]);

    /// <summary>What differs from the base class.</summary>
    private static IEnumerable<string> Delivery(DeliveryModel delivery) =>
    [
        delivery.IsIdempotent ? Is("Idempotent") : "",
        delivery.IsAtMostOnce ? Is("AtMostOnce") : "",
        delivery.IsOneWay ? Is("OneWay") : "",
        delivery.IsConfirmed ? "" : Is("Confirmed", false),
        delivery.IsBroadcast ? Is("Broadcast") : "",
        delivery.IsDurable ? Is("Durable") : "",
        delivery.Priority == 0 ? "" : $"public override byte Priority => {CSharpText.Literal(delivery.Priority)};",
        delivery.IsCoalesced ? Is("Coalescable") : "",
        delivery.Policies.Count == 0 ? "" : $"public override global::System.Collections.Generic.IReadOnlyList<string> Policies {{ get; }} = [{string.Join(", ", delivery.Policies.Select(CSharpText.Literal))}];",
    ];

    private static string Is(string what, bool value = true) => $"public override bool Is{what} => {CSharpText.Literal(value)};";

    private static string Write(MethodModel method, bool isBare) => Code.Of($$"""
        public override void WriteArguments(global::System.Text.Json.Utf8JsonWriter writer, in {{Tuple(method)}} arguments)
        {
            {{(isBare ? "" : "writer.WriteStartObject();")}}
            {{Code.Lines(method.Arguments.Select(p => $"this.{p.PropertyName}.{(isBare ? "WriteBare" : "Write")}(writer, {Value(method, p)});"))}}
            {{(isBare ? "" : "writer.WriteEndObject();")}}
        }
        """);

    private static string Read(MethodModel method, bool isBare) => Code.Of($$"""
        public override {{Tuple(method)}} ReadArguments(ref global::RpcGen.Generated.RpcArgumentReader reader)
        {
            {{Code.Lines(method.Arguments.Select(p => $"global::RpcGen.Generated.RpcArgument<{p.Type}> {p.LocalName} = default;"))}}
            {{(isBare ? ReadBare(method) : ReadObject(method))}}

            return {{NewTuple([.. method.Arguments.Select(Taken)])}};
        }
        """);

    private static string ReadObject(MethodModel method) => Code.Of($$"""
        while (reader.NextParameter())
        {
            _ = {{string.Join("\n    || ", method.Arguments.Select(p => $"reader.Read(this.{p.PropertyName}, ref {p.LocalName})").Append("reader.Skip()"))}};
        }
        """);

    private static string ReadBare(MethodModel method) =>
        Code.Lines(method.Arguments.Select(p => $"reader.ReadBare(this.{p.PropertyName}, ref {p.LocalName});"));

    private static string Taken(ParameterModel parameter) => parameter.DefaultValue is { } value
        ? $"{parameter.LocalName}.Or({value})"
        : $"{parameter.LocalName}.Required(ref reader, {CSharpText.Literal(parameter.WireName)})";

    private static string Validate(MethodModel method)
    {
        string checks = ValueCheckEmitter.Arguments(method.Arguments.Select(p => (p, Value(method, p))));
        return checks.Length == 0 ? "" : Code.Of($$"""
            public override void Validate(in {{Tuple(method)}} arguments, global::RpcGen.Generated.RpcValidation validation)
            {
                {{checks}}
            }
            """);
    }

    private static string Invoke(MethodModel method)
    {
        string target = method.IsOwn ? "service" : $"(({method.DeclaringInterfaces[0]})service)";
        string arguments = string.Join(", ", method.Parameters.Select(p => p.IsToken ? "cancellationToken" : Value(method, p)));
        string call = $"{target}.{method.Name}({arguments})";
        return method switch
        {
            { ResultType: null } => $"global::RpcGen.Generated.RpcVoid.From({call})",
            { ReturnsTask: true } => $"new({call})",
            _ => call,
        };
    }

    /// <summary>A tuple of one has no names.</summary>
    private static string Value(MethodModel method, ParameterModel parameter) =>
        method.Arguments.Skip(1).Any() ? $"arguments.{parameter.ElementName}" : "arguments.Item1";
}
