using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

// Stryker disable string : a mutated template is an ordinary string, which loses its layout. Snapshots cover templates.

/// <summary>
/// Emits the class that describes one method: its parameters, their checks, and the call of the service. Its base class reads and
/// writes the arguments. <see cref="WideMethodEmitter"/> emits the methods that no base class fits.
/// </summary>
internal static class MethodEmitter
{
    public const string Generated = "global::RpcGen.Generated";

    /// <summary>The maximum number of parameters of <c>RpcFunction</c>.</summary>
    private const int MaxParameters = 5;

    public static Code Emit(MethodModel method, ContractModel contract)
    {
        ParameterModel[] arguments = [.. method.Arguments];
        return contract.IsBare || arguments.Length is 0 or > MaxParameters
            ? new WideMethodEmitter(method, contract).Class()
            : Function(method, contract, arguments);
    }

    /// <summary>The type of the object that calls the method for a client.</summary>
    public static Code Caller(MethodModel method)
    {
        ParameterModel[] arguments = [.. method.Arguments];
        Code tuple = arguments switch
        {
            [] => "global::System.ValueTuple",
            [var only] => Code.Of($"global::System.ValueTuple<{only.Type}>"),
            _ => Code.Of($"({Code.List(arguments.Select(p => p.Type))})"),
        };
        return method.Stream is { } stream
            ? Code.Of($"{Generated}.RpcStreamCaller<{tuple}, {stream.Item}>")
            : Code.Of($"{Generated}.RpcCaller<{tuple}, {Result(method)}>");
    }

    /// <summary>The binder's method for a method.</summary>
    public static string Bind(MethodModel method) => method.Stream is null ? "Bind" : "BindStream";

    /// <summary>The last argument of the base class's constructor, with the comma before it; empty for a method that returns one result.</summary>
    public static string Items(MethodModel method) =>
        method.Stream is { } stream ? $", items: {NewItems(stream)}"
        : method.Bytes is { } bytes ? $", items: {NewBytes(bytes)}"
        : "";

    private static string NewItems(StreamModel stream) => $"new {Generated}.RpcItems<{stream.Item}>(json){Limits(stream)}";

    private static string NewBytes(StreamModel stream) => $"new {Generated}.RpcByteItems(json){Limits(stream)}";

    private static string Limits(StreamModel stream) =>
        stream.Limits.Count == 0 ? "" : $" {{ {string.Join(", ", stream.Limits.Select(limit => $"{limit.Name} = {Literals.Of(limit.Value)}"))} }}";

    private static Code NewStream(ParameterModel p, StreamModel stream)
    {
        Code made = Code.Of($"new {Generated}.RpcStreamProperty<{stream.Item}>({Literals.Of(p.WireName)}, {NewItems(stream)})");
        return stream.ItemCheck is not { } check ? made : Code.Of($$"""
            {{made}}
            {
                Check = static (item, index, validation) =>
                {
                    {{ValidatorsEmitter.Element(check, "item", "FailNull(index)", "Enter(index)", "Validation.")}}
                },
            }
            """);
    }

    /// <summary>The class declares its value as non-nullable. A nullable parameter suppresses the warning of the compiler.</summary>
    private static Code NewProgress(ParameterModel p, StreamModel values)
    {
        string made = $"new {Generated}.RpcProgressProperty<{values.Item}>({Literals.Of(p.WireName)}, {NewItems(values)})";
        return Code.Of(p.Check.Guard is not null ? $"{made} {{ RefusesNull = true }}" : made + (p.IsNullable ? "!" : ""));
    }

    /// <summary>The expression that creates the tuple of arguments.</summary>
    public static Code NewTuple(IReadOnlyList<string> values) => values switch
    {
        [] => "default",
        [var only] => Code.Of($"new({only})"),
        _ => Code.Of($"({Code.List(values)})"),
    };

    public static string Result(MethodModel method) => method.ResultType ?? "global::RpcGen.RpcVoid";

    /// <summary>The documentation and attributes of the class.</summary>
    public static Code Summary(MethodModel method) => Code.Of($$"""
        /// <summary><c>{{method.Name}}</c>, {{XmlText.Of(method.WireName)}} on the wire.</summary>
        {{(method.IsObsolete ? "[global::System.ObsoleteAttribute]" : "")}}
        """);

    /// <summary>The target-typed expression that creates a parameter's JSON name and metadata.</summary>
    public static Code NewProperty(ParameterModel p)
    {
        if (p.Stream is { } stream)
        {
            return NewStream(p, stream);
        }

        if (p.Bytes is { } bytes)
        {
            return Code.Of($"new {Generated}.RpcByteStreamProperty({Literals.Of(p.WireName)}, {NewBytes(bytes)})");
        }

        if (p.Progress is { } progress)
        {
            return NewProgress(p, progress);
        }

        Code made = p.DefaultValue is null
            ? Code.Of($"new(json, {Literals.Of(p.WireName)})")
            : Code.Of($"new(json, {Literals.Of(p.WireName)}, {p.DefaultValue})");
        return p.Check.Guard is null ? made : Code.Of($"{made} {{ RefusesNull = true }}");
    }

    /// <summary>The method's properties that differ from the base class's defaults.</summary>
    public static IEnumerable<Code> Overrides(MethodModel method)
    {
        if (method.TimeoutMilliseconds is { } timeout)
        {
            yield return $"public override global::System.TimeSpan? DeclaredTimeout => global::System.TimeSpan.FromMilliseconds({Literals.Of(timeout)});";
        }

        foreach (Code property in DeliveryEmitter.Emit(method.Delivery))
        {
            yield return property;
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

    /// <summary>The expression that calls the service.</summary>
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
            : {{Generated}}.RpcFunction<{{contract.FullName}}, {{Code.List(arguments.Select(p => p.Type))}}, {{Result(method)}}>(json, {{Literals.Of(method.WireName)}}, {{Code.List(arguments.Select(NewProperty))}}{{Items(method)}})
        {
            {{Code.Members(Overrides(method))}}

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
