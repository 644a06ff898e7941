using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>
/// The class that describes one method: its parameters, how they are checked, and how it is run. Reading and writing them
/// is the base class's; <see cref="WideMethodEmitter"/> is for methods that none fits.
/// </summary>
internal static class MethodEmitter
{
    public const string Generated = "global::RpcGen.Generated";

    /// <summary>As many parameters as a base class has: <c>RpcFunction</c>.</summary>
    private const int MostParameters = 5;

    public static Code Emit(MethodModel method, ContractModel contract)
    {
        ParameterModel[] arguments = [.. method.Arguments];
        return contract.IsBare || arguments.Length is 0 or > MostParameters
            ? new WideMethodEmitter(method, contract).Class()
            : Function(method, contract, arguments);
    }

    /// <summary>The types of arguments and result.</summary>
    public static Code TypeArguments(MethodModel method)
    {
        ParameterModel[] arguments = [.. method.Arguments];
        return arguments switch
        {
            [] => Code.Of($"global::System.ValueTuple, {Result(method)}"),
            [var only] => Code.Of($"global::System.ValueTuple<{only.Type}>, {Result(method)}"),
            _ => Code.Of($"({Code.List(arguments.Select(p => p.Type))}), {Result(method)}"),
        };
    }

    /// <summary>The tuple with the arguments in it.</summary>
    public static Code NewTuple(IReadOnlyList<string> values) => values switch
    {
        [] => "default",
        [var only] => Code.Of($"new({only})"),
        _ => Code.Of($"({Code.List(values)})"),
    };

    public static string Result(MethodModel method) => method.ResultType ?? "global::RpcGen.RpcVoid";

    /// <summary>The start of the class, for both kinds.</summary>
    public static Code Summary(MethodModel method) => Code.Of($$"""
        /// <summary><c>{{method.Name}}</c>, {{CSharpText.XmlText(method.WireName)}} on the wire.</summary>
        {{(method.IsObsolete ? "[global::System.ObsoleteAttribute]" : "")}}
        """);

    /// <summary>A parameter's name and metadata in JSON, less its type.</summary>
    public static Code NewProperty(ParameterModel p)
    {
        Code made = p.DefaultValue is null
            ? Code.Of($"new(json, {CSharpText.Literal(p.WireName)})")
            : Code.Of($"new(json, {CSharpText.Literal(p.WireName)}, {p.DefaultValue})");
        return p.Check.Guard is null ? made : Code.Of($"{made} {{ RefusesNull = true }}");
    }

    /// <summary>What the method says of itself, where it differs from what the base class says.</summary>
    public static IEnumerable<Code> Promises(MethodModel method)
    {
        if (method.TimeoutMilliseconds is { } timeout)
        {
            yield return $"public override global::System.TimeSpan Timeout => global::System.TimeSpan.FromMilliseconds({CSharpText.Literal(timeout)});";
        }

        foreach (Code promise in DeliveryEmitter.Emit(method.Delivery))
        {
            yield return promise;
        }

        if (method.Token is null)
        {
            yield return "public override bool IsCancellable => false;";
        }

        if (method.Faults.Count > 0)
        {
            yield return $"public override global::System.Collections.Generic.IReadOnlyList<global::RpcGen.RpcFault> Faults {{ get; }} = [{string.Join(", ", method.Faults.Select(fault => $"new {fault}(json)"))}];";
        }
    }

    /// <summary>The call of the service.</summary>
    public static Code Invoke(MethodModel method, Func<ParameterModel, string> value)
    {
        Code target = method.IsCalledDirectly ? "service" : $"(({method.Implementations[0].Interface})service)";
        Code call = Code.Of($"{target}.{method.Name}({Code.List(method.Parameters.Select(p => p.IsToken ? "cancellationToken" : value(p)))})");
        return method switch
        {
            { ResultType: null } => Code.Of($"global::RpcGen.RpcVoid.From({call})"),
            { ReturnsTask: true } => Code.Of($"new({call})"),
            _ => call,
        };
    }

    private static Code Function(MethodModel method, ContractModel contract, ParameterModel[] arguments) => Code.Of($$"""
        {{Summary(method)}}
        public sealed class {{method.ClassName}}({{Generated}}.RpcJson json)
            : {{Generated}}.RpcFunction<{{contract.FullName}}, {{Code.List(arguments.Select(p => p.Type))}}, {{Result(method)}}>(json, {{CSharpText.Literal(method.WireName)}}, {{Code.List(arguments.Select(NewProperty))}})
        {
            {{Code.Members(Promises(method))}}

            {{Validate(arguments)}}

            protected override global::System.Threading.Tasks.ValueTask<{{Result(method)}}> InvokeAsync({{contract.FullName}} service, {{Parameters(arguments)}}, global::System.Threading.CancellationToken cancellationToken) =>
                {{Invoke(method, p => p.LocalName)}};
        }
        """);

    private static Code Validate(ParameterModel[] arguments)
    {
        Code checks = ValueCheckEmitter.Arguments(arguments.Select(p => (p, p.LocalName)));
        return checks.IsEmpty ? checks : Code.Of($$"""
            protected override void Validate({{Parameters(arguments)}}, {{Generated}}.RpcValidation validation)
            {
                {{checks}}
            }
            """);
    }

    private static Code Parameters(ParameterModel[] arguments) => Code.List(arguments.Select(p => Code.Of($"{p.Type} {p.LocalName}")));
}
