using System.Globalization;
using System.Text;

namespace RpcGen.Generators.Tests.Seeded;

/// <summary>Writes random data types, and chooses types for parameters and members.</summary>
/// <param name="random">Decides.</param>
/// <param name="prefix">Starts the names of the types.</param>
/// <param name="isNullable">Whether reference types are annotated.</param>
/// <param name="isClean">Whether all types arrive as they are sent.</param>
internal sealed class TypeSource(Random random, string prefix, bool isNullable, bool isClean)
{
    private const int MaxTypes = 6;

    private static readonly string[] Values =
    [
        "int", "long", "byte", "sbyte", "short", "ushort", "uint", "ulong", "float", "double", "decimal", "bool", "char", "Guid", "DateTime", "DateTimeOffset",
        "DateOnly", "TimeOnly", "TimeSpan", "Int128", "UInt128", "Half", "DayOfWeek",
    ];

    private static readonly string[] References = ["string", "Uri", "byte[]", "Version"];

    private static readonly string[] Keys = ["string", "int", "Guid", "DayOfWeek"];

    private static readonly string[] Lossy =
    [
        "System.Numerics.BigInteger", "System.Numerics.Complex", "System.Numerics.Vector3", "Range", "Index", "System.Text.Rune", "Stack<int>", "ArraySegment<int>",
        "System.Collections.ObjectModel.ReadOnlyCollection<int>", "IReadOnlySet<int>", "System.Collections.Frozen.FrozenSet<int>", "PriorityQueue<int, int>", "ILookup<int, int>",
    ];

    private readonly StringBuilder _declarations = new();
    private readonly List<string> _names = [];
    private int _count;

    public string Declarations => _declarations.ToString();

    /// <summary>A type, which is declared if it is new.</summary>
    public string Pick(int depth)
    {
        if (!isClean && random.Next(12) == 0)
        {
            return Lossy[random.Next(Lossy.Length)];
        }

        return random.Next(depth > 2 ? 2 : 6) switch
        {
            0 => Values[random.Next(Values.Length)] + (random.Next(4) == 0 ? "?" : ""),
            1 => Annotate(References[random.Next(References.Length)]),
            2 => Collection(depth),
            3 when _names.Count > 0 && random.Next(2) == 0 => _names[random.Next(_names.Count)],
            _ when _count >= MaxTypes && _names.Count > 0 => _names[random.Next(_names.Count)],
            _ => Declare(depth),
        };
    }

    private string Annotate(string type) => isNullable && random.Next(3) == 0 ? type + "?" : type;

    private string Collection(int depth)
    {
        string item = Pick(depth + 1);
        return random.Next(10) switch
        {
            0 => $"{item}[]",
            1 => $"List<{item}>",
            2 => $"IReadOnlyList<{item}>",
            3 => $"Dictionary<{Keys[random.Next(Keys.Length)]}, {item}>",
            4 => $"IReadOnlyDictionary<string, {item}>",
            5 => "HashSet<int>",
            6 => $"KeyValuePair<string, {item}>",
            7 => $"({item} Left, {Pick(depth + 1)} Right)",
            8 => $"Queue<{item}>",
            _ => $"IEnumerable<{item}>",
        };
    }

    private string Declare(int depth)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"{prefix}T{_count++}");
        int kind = random.Next(isClean ? 8 : 11);
        string members = kind is 0 or 1 or 4 or 5 or 10 ? "" : Members(depth);
        string declaration = kind switch
        {
            0 => $"public record {name}({Positional(depth)});\n",
            1 => $"public readonly record struct {name}({Positional(depth)});\n",
            2 => $"public record {name} {{ {members} }}\n",
            3 => $"public struct {name} {{ {members.Replace(" = default!;", "", StringComparison.Ordinal)} }}\n".Replace("required ", "", StringComparison.Ordinal),
            4 => $"public class {name}(int first, string second) {{ public int First {{ get; }} = first; public string Second {{ get; }} = second; public int Kept {{ get; init; }} }}\n",
            5 => $"public record {name}<T>(T Item, {Positional(depth)});\n",
            6 => $"[JsonDerivedType(typeof({name}A), \"a\"), JsonDerivedType(typeof({name}B), \"b\")] public abstract class {name} {{ {members} }}\npublic sealed class {name}A : {name} {{ public int OfA {{ get; set; }} }}\npublic sealed class {name}B : {name} {{ public string OfB {{ get; set; }} = \"\"; }}\n",
            8 => $"public class {name} {{ {members} public int Lost {{ get; private set; }} public void Lose() => Lost++; }}\n",
            9 => $"public class {name} {{ {members} public int Field; }}\n",
            10 => $"public readonly struct {name} {{ public {name}(int value) => Value = value; public int Value {{ get; }} }}\n",
            _ => $"public class {name} {{ {members} }}\n",
        };
        _declarations.Append(declaration);
        string known = kind == 5 ? $"{name}<{Values[random.Next(Values.Length)]}>" : name; // a generic type is only known with its argument
        _names.Add(known); // not earlier: a value of a type that contains itself would not end
        return known;
    }

    private string Positional(int depth) => string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(i => string.Create(CultureInfo.InvariantCulture, $"{Pick(depth + 1)} P{i}")));

    private string Members(int depth)
    {
        var members = new StringBuilder();
        int count = random.Next(1, 5);
        for (int i = 0; i < count; i++)
        {
            members.Append(Member(string.Create(CultureInfo.InvariantCulture, $"M{i}"), Pick(depth + 1)));
        }

        return members.ToString();
    }

    private string Member(string name, string type) => random.Next(6) switch
    {
        0 => $"public required {type} {name} {{ get; init; }} ",
        1 => $"public {type} {name} {{ get; init; }} = default!; ",
        2 => $"[JsonPropertyName(\"wire{name}\")] public {type} {name} {{ get; set; }} = default!; ",
        3 => $"[JsonInclude] public {type} {name} {{ get; private set; }} = default!; public void Set{name}({type} value) => {name} = value; ",
        _ => $"public {type} {name} {{ get; set; }} = default!; ",
    };
}
