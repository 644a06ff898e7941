using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Tests.Documentation;

/// <summary>Reads the examples of the table of values in docs/protocol.md, as a server reads arguments.</summary>
public sealed partial class ProtocolValueTests
{
    private static readonly JsonSerializerOptions Options = RpcJsonFactory.Create([], new RpcContract("q"), isServer: true).Options;

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(string)] = "string",
        [typeof(char)] = "char",
    };

    private static readonly Dictionary<string, Type> Types = new Type[]
    {
        typeof(bool), typeof(byte), typeof(short), typeof(int), typeof(uint), typeof(long), typeof(Int128), typeof(float), typeof(double), typeof(decimal),
        typeof(string), typeof(char), typeof(Guid), typeof(DateTime), typeof(DateTimeOffset), typeof(DateOnly), typeof(TimeOnly), typeof(TimeSpan), typeof(Uri),
        typeof(Version), typeof(byte[]), typeof(ReadOnlyMemory<byte>), typeof(Colour), typeof(int?), typeof(int[]), typeof(List<int>), typeof(IReadOnlyCollection<int>),
        typeof(Dictionary<string, int>), typeof(Dictionary<int, string>), typeof(Dictionary<Colour, int>), typeof((int, string)), typeof(Order), typeof(Shape), typeof(JsonElement),
    }.ToDictionary(NameOf);

    public static TheoryData<string, string, bool> Examples
    {
        get
        {
            var examples = new TheoryData<string, string, bool>();
            foreach (string[] row in Rows())
            {
                foreach (string type in Code(row[1]))
                {
                    Code(row[2]).ForEach(json => examples.Add(type, json, true));
                    Code(row[3]).ForEach(json => examples.Add(type, json, false));
                }
            }

            return examples;
        }
    }

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_is_read_and_written_as_the_page_says(string type, string json, bool isRead)
    {
        if (isRead)
        {
            object? value = JsonSerializer.Deserialize(json, Types[type], Options);
            Assert.Equal(json, JsonSerializer.Serialize(value, Types[type], Options));
        }
        else
        {
            Assert.ThrowsAny<Exception>(() => JsonSerializer.Deserialize(json, Types[type], Options));
        }
    }

    [Fact]
    public void The_table_has_every_type_of_this_test() =>
        Assert.Equal(Types.Keys.Order(StringComparer.Ordinal), Rows().SelectMany(row => Code(row[1])).Order(StringComparer.Ordinal));

    private static IEnumerable<string[]> Rows()
    {
        string page = RepositoryFiles.Read("docs/protocol.md");
        int start = page.IndexOf("### Values", StringComparison.Ordinal);
        return page[start..page.IndexOf("### Headers", start, StringComparison.Ordinal)]
            .Split('\n')
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split(" | "))
            .Select(cells => (string[])["", cells[0], cells[1], cells[2]]);
    }

    private static List<string> Code(string cell) => [.. CodeSpan().Matches(cell).Select(match => match.Groups[1].Value)];

    /// <summary>A type as the page writes it.</summary>
    private static string NameOf(Type type) => type switch
    {
        _ when Keywords.TryGetValue(type, out string? keyword) => keyword,
        { IsArray: true } => NameOf(type.GetElementType()!) + "[]",
        _ when Nullable.GetUnderlyingType(type) is { } underlying => NameOf(underlying) + "?",
        _ when type == typeof((int, string)) => "(int, string)",
        { IsGenericType: true } => $"{type.Name[..type.Name.IndexOf('`')]}<{string.Join(", ", type.GenericTypeArguments.Select(NameOf))}>",
        _ => type.Name,
    };

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex CodeSpan();

    private enum Colour
    {
        Red,
        Green,
    }

    private sealed record Order(int OrderId, string? Note);

    [JsonDerivedType(typeof(Circle), "circle")]
    private abstract class Shape;

    private sealed class Circle : Shape
    {
        public int Radius { get; set; }
    }
}
