using System.Globalization;
using System.Text;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>Writes one random legal contract with its data types and a service that returns one of its arguments.</summary>
internal sealed class ContractSource
{
    private static readonly string[] ParameterNames = ["value", "reader", "validation", "arguments", "service", "json", "token", "@event", "first", "client", "method", "caller"];

    private readonly Random _random;
    private readonly TypeSource _types;
    private readonly StringBuilder _contract = new();
    private readonly StringBuilder _service = new();

    /// <summary>Writes the contract.</summary>
    /// <param name="number">Its number, which names it, and from which it follows.</param>
    /// <param name="isNullable">Whether reference types are annotated.</param>
    /// <param name="isClean">Whether all data arrives as it is sent. False: in half of the contracts.</param>
    public ContractSource(int number, bool isNullable, bool isClean = false)
    {
        _random = new Random(number);
        isClean |= _random.Next(2) == 0; // most data is, and only its methods are called
        _types = new TypeSource(_random, string.Create(CultureInfo.InvariantCulture, $"D{number}"), isNullable, isClean);
        Name = string.Create(CultureInfo.InvariantCulture, $"IContract{number}");
        ServiceName = string.Create(CultureInfo.InvariantCulture, $"Service{number}");
        int methods = _random.Next(1, 4);
        for (int i = 0; i < methods; i++)
        {
            AddMethod(string.Create(CultureInfo.InvariantCulture, $"Do{i}"));
        }

        Text = $$"""
            #nullable {{(isNullable ? "enable" : "disable")}}
            namespace RpcGen.Samples;

            {{_types.Declarations}}
            [AmqpRpc]
            public partial interface {{Name}}
            {
            {{_contract}}}

            public sealed class {{ServiceName}} : {{Name}}
            {
            {{_service}}}
            """;
    }

    public string Name { get; }

    public string ServiceName { get; }

    public string Text { get; }

    private void AddMethod(string name)
    {
        int count = _random.Next(1, 4);
        string[] names = [.. ParameterNames.OrderBy(_ => _random.Next()).Take(count)];
        string[] types = [.. names.Select(_ => _types.Pick(depth: 0))];
        string[] declared = [.. types.Zip(names, (type, parameter) => $"{type} {parameter}")];
        if (_random.Next(3) == 0)
        {
            declared = [.. declared, _random.Next(2) == 0 ? "int count = 5" : "DayOfWeek day = DayOfWeek.Friday"];
        }

        string parameters = $"{string.Join(", ", declared)}, CancellationToken cancellationToken = default";
        string attribute = _random.Next(4) switch { 0 => "[RpcIdempotent] ", 1 => "[RpcAtMostOnce] ", 2 => "[RpcTimeout(60_000)] ", _ => "" };
        string task = _random.Next(2) == 0 ? "Task" : "ValueTask";
        _contract.Append(CultureInfo.InvariantCulture, $"    {attribute}{task}<{types[0]}> {name}Async({parameters});\n");
        _service.Append(CultureInfo.InvariantCulture, $"    public {task}<{types[0]}> {name}Async({parameters}) => {task}.FromResult({names[0]});\n");
    }
}
