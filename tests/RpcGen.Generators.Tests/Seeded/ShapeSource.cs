using System.Globalization;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>Writes random contracts with the shapes of methods that <see cref="ContractSource"/> does not write: streams, faults, one-way methods, checks.</summary>
internal sealed class ShapeSource
{
    private static readonly string[] Results = ["Task", "ValueTask", "Task<int>", "ValueTask<string>", "Task<{0}>", "ValueTask<{0}?>", "IAsyncEnumerable<{0}>", "Task<Stream>"];

    private static readonly string[] Parameters =
    [
        "int {0}", "string {0}", "{1} {0}", "List<{1}> {0}", "{1}? {0}", "IAsyncEnumerable<{1}> {0}", "Stream {0}", "[Range(1, 9)] int {0}", "[Required, StringLength(20)] string {0}",
        "[RegularExpression(\"^[a-z]+$\")] string {0}", "[MinLength(1)] List<{1}> {0}", "[AllowedValues(\"a\", \"b\")] string {0}", "[Description(\"What it is.\")] long {0}",
    ];

    private static readonly string[] Names = ["value", "@class", "arguments", "client", "service", "json", "method", "token", "reader"];

    private static readonly string[] Attributes = ["", "[RpcIdempotent] ", "[RpcAtMostOnce] ", "[RpcTimeout(60_000)] ", "[RpcFault<{0}Exception>(\"refused\")] ", "[RpcBatching(false)] ", "[RpcAuthorize(\"staff\")] ", "[Obsolete] ", "[RpcPriority(3)] "];

    private static readonly string[] Ends = ["", ", int count = 5", ", string text = \"a\\n\\\"\"", ", DayOfWeek day = DayOfWeek.Friday", ", double? rate = null", ", params int[] rest"];

    private readonly Random _random;
    private readonly string _data;

    /// <summary>Writes the contract with this number, from which it follows.</summary>
    public ShapeSource(int number, bool isNullable)
    {
        _random = new Random(number);
        _data = string.Create(CultureInfo.InvariantCulture, $"Data{number}");
        string name = string.Create(CultureInfo.InvariantCulture, $"IShapes{number}");
        bool hasBase = _random.Next(3) == 0;
        string baseMethods = hasBase ? $"[AmqpRpc]\npublic partial interface {name}Base\n{{\n    {Method("Common")}}}\n" : "";
        string methods = string.Join("    ", Enumerable.Range(0, _random.Next(1, 7)).Select(i => Method(string.Create(CultureInfo.InvariantCulture, $"Do{i}"))));
        string code = $$"""
            #nullable {{(isNullable ? "enable" : "disable")}}
            using System.ComponentModel;
            using System.IO;

            namespace RpcGen.Shapes.Of{{number}};

            public enum {{_data}}Kind { Small = 1, [JsonStringEnumMemberName("very-large")] Large }

            public sealed record {{_data}}([property: Range(1, 99)] int Quantity, [property: Required, MaxLength(9)] string Name, {{_data}}Kind Kind, IReadOnlyList<{{_data}}>? Parts);

            public sealed class {{_data}}Exception(string message, int number, Exception? innerException = null) : Exception(message, innerException)
            {
                public int Number { get; } = number;
                public string? Hint { get; set; }
            }

            {{baseMethods}}
            /// <summary>Random shapes.</summary>
            {{Contract()}}
            public partial interface {{name}}{{(hasBase ? $" : {name}Base" : "")}}
            {
                {{methods}}}
            """;
        Text = isNullable ? code : WithoutAnnotations(code);
    }

    public string Text { get; }

    /// <summary>References are not annotated in code that does not have nullable reference types.</summary>
    private string WithoutAnnotations(string code) => code
        .Replace($"{_data}?", _data, StringComparison.Ordinal)
        .Replace($"{_data}>?", $"{_data}>", StringComparison.Ordinal)
        .Replace("Exception?", "Exception", StringComparison.Ordinal)
        .Replace("string?", "string", StringComparison.Ordinal);

    private string Contract() => _random.Next(5) switch
    {
        0 => "[AmqpRpc(GenerateBase = true)]",
        1 => "[AmqpRpc(\"a.queue\", Exchange = \"an.exchange\", FailFast = true)]",
        2 => "[AmqpRpc, RpcJson(EnumsAsText = true, Int64AsText = true, NumbersFromText = true, CaseInsensitiveArguments = true)]",
        3 => "[AmqpRpc, RpcDurable, RpcTimeout(5_000)]",
        _ => "[AmqpRpc]",
    };

    private string Method(string name) => _random.Next(5) switch
    {
        0 => $"[RpcOneWay] Task {name}Async(int number, {_data} data, CancellationToken cancellationToken = default);\n",
        1 => $"[RpcBroadcast] ValueTask {name}Async([Range(1, 9)] int number, CancellationToken cancellationToken = default);\n",
        2 => $"[RpcLongRunning] Task<{_data}> {name}Async({_data} data, IProgress<double> progress, CancellationToken cancellationToken = default);\n",
        _ => Call(name),
    };

    private string Call(string name)
    {
        string[] parameters = [.. Names.OrderBy(_ => _random.Next()).Take(_random.Next(0, 8)).Select(parameter => string.Format(CultureInfo.InvariantCulture, Pick(Parameters), parameter, _data))];
        string attribute = string.Format(CultureInfo.InvariantCulture, Pick(Attributes), _data);
        string result = string.Format(CultureInfo.InvariantCulture, Pick(Results), _data);
        string end = Pick(Ends);
        string token = end.Contains("params", StringComparison.Ordinal) ? $"CancellationToken cancellationToken{end}" : $"{end}, CancellationToken cancellationToken = default"[(end.Length == 0 ? 2 : 0)..];
        string all = $"{string.Join(", ", parameters)}{(parameters.Length == 0 || token.StartsWith(',') ? "" : ", ")}{(parameters.Length == 0 ? token.TrimStart(',', ' ') : token)}";
        return $"/// <summary>A call.</summary>\n    {attribute}{result} {name}Async({all});\n";
    }

    private string Pick(string[] texts) => texts[_random.Next(texts.Length)];
}
