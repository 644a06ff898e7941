using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen.EndToEnd.Tests.Contracts
{
    /// <summary>Echoes values of every shape in docs/contracts.md.</summary>
    [AmqpRpc]
    [RpcBatching(true)]
    public partial interface IShapes : IPlainBase, ILeft, IRight
    {
        Task<Numbers> NumbersAsync(Numbers numbers, CancellationToken cancellationToken = default);

        Task<Moments> MomentsAsync(Moments moments, CancellationToken cancellationToken = default);

        Task<Page<Page<string>>> GenericAsync(Page<Page<string>> page, CancellationToken cancellationToken = default);

        Task<Collections> CollectionsAsync(Collections collections, CancellationToken cancellationToken = default);

        Task<(int Number, string? Text)> TupleAsync((int Number, string? Text) pair, (int, (Guid, bool)) nested, CancellationToken cancellationToken = default);

        Task<Figure> FigureAsync(Figure figure, CancellationToken cancellationToken = default);

        Task<Members> MembersAsync(Members members, CancellationToken cancellationToken = default);

        ValueTask<ReadOnlyMemory<byte>> BytesAsync(byte[] array, ReadOnlyMemory<byte> memory, CancellationToken cancellationToken = default);

        Task<JsonElement> JsonAsync(JsonElement element, object? anything, CancellationToken cancellationToken = default);

        Task<int?> NullablesAsync(int? number, string? text, Season? season, List<int?>? list, CancellationToken cancellationToken = default);

        Task<string> FindAsync(int id, CancellationToken cancellationToken = default);

        [RpcMethod("FindByName")]
        Task<string> FindAsync(string name, CancellationToken cancellationToken = default);

        Task<string> ParamsAsync(string first, CancellationToken cancellationToken = default, params string[] rest);

        Task<string> DefaultsAsync(
            string text = "a\"\\\n", char c = 'ü', double ratio = 0.1, decimal price = -1.50m, Season season = Season.Winter,
            Season? none = null, long big = long.MinValue, DateTime when = default, bool flag = true, CancellationToken cancellationToken = default);

        Task<string> @event(string @class, int größe, int 数, CancellationToken @this = default);

        Task<string> CreateClient(string arguments, string reader, string json, string validation, CancellationToken writer = default);

        Task Contract(CancellationToken cancellationToken = default);

        [Obsolete("to see that it can be called")]
        Task<int> OldAsync(CancellationToken cancellationToken = default);

        Task<DayOfWeek> ForeignAsync(System.Net.HttpStatusCode code, DayOfWeek day, CancellationToken cancellationToken = default);

        /// <summary>Runs in the caller's process: not a remote method.</summary>
        async Task<string> TwiceAsync(string text) => await ParamsAsync(text, default, text);

        static int Answer => 42;
    }

    public interface IPlainBase
    {
        Task<string> PlainAsync(string text, CancellationToken cancellationToken = default);
    }

    [AmqpRpc]
    public partial interface IRoot
    {
        Task<int> RootAsync(int n, CancellationToken cancellationToken = default);
    }

    [AmqpRpc]
    public partial interface ILeft : IRoot
    {
        Task<int> LeftAsync(int n, CancellationToken cancellationToken = default);
    }

    [AmqpRpc]
    public partial interface IRight : IRoot
    {
        Task<int> RightAsync(int n, CancellationToken cancellationToken = default);
    }

    public enum Season : byte
    {
        Spring = 1,
        Winter = 200,
    }

    public sealed record Numbers(
        byte Byte, sbyte SByte, short Short, ushort UShort, uint UInt, long Long, ulong ULong, Int128 Int128, UInt128 UInt128,
        Half Half, float Float, double Double, decimal Decimal, char Char, bool Bool, Season Season);

    public sealed record Moments(DateTime Utc, DateTimeOffset Offset, DateOnly Date, TimeOnly Time, TimeSpan Span, Guid Id, Uri Link, Version Version);

    public sealed record Page<T>(IReadOnlyList<T> Items, T? Next)
        where T : class;

    public sealed class Collections
    {
        public required int[][] Jagged { get; init; }

        public required HashSet<string> Set { get; init; }

        public required Dictionary<int, List<Season>> ByNumber { get; init; }

        public required IReadOnlyDictionary<string, string?> ByText { get; init; }

        public required ImmutableArray<long> Immutable { get; init; }

        public required Queue<int> Queue { get; init; }

        public IEnumerable<Guid>? Lazy { get; init; }
    }

    [JsonDerivedType(typeof(Circle), "circle")]
    [JsonDerivedType(typeof(Square), "square")]
    public abstract record Figure;

    public sealed record Circle(double Radius) : Figure;

    public sealed record Square(double Edge, Figure? Inner) : Figure;

    public readonly record struct Point(int X, int Y);

    public sealed class Members
    {
        public required string Required { get; set; }

        public int Init { get; init; }

        [JsonPropertyName("other-name")]
        public string? Renamed { get; set; }

        [JsonIgnore]
        public string? Ignored { get; set; }

        [JsonInclude]
#pragma warning disable CA1051 // Included fields are sent.
        public int Field;
#pragma warning restore CA1051

        public Point Point { get; set; }

        public Season? Season { get; set; }

        [Range(0, 9)]
        public int Checked { get; set; }
    }

    public sealed class Shapes : IShapes
    {
        public Task<Numbers> NumbersAsync(Numbers numbers, CancellationToken cancellationToken) => Task.FromResult(numbers);

        public Task<Moments> MomentsAsync(Moments moments, CancellationToken cancellationToken) => Task.FromResult(moments);

        public Task<Page<Page<string>>> GenericAsync(Page<Page<string>> page, CancellationToken cancellationToken) => Task.FromResult(page);

        public Task<Collections> CollectionsAsync(Collections collections, CancellationToken cancellationToken) => Task.FromResult(collections);

        public Task<(int Number, string? Text)> TupleAsync((int Number, string? Text) pair, (int, (Guid, bool)) nested, CancellationToken cancellationToken) =>
            Task.FromResult((pair.Number + nested.Item1, (string?)$"{pair.Text}{nested.Item2.Item1}{nested.Item2.Item2}"));

        public Task<Figure> FigureAsync(Figure figure, CancellationToken cancellationToken) => Task.FromResult(figure);

        public Task<Members> MembersAsync(Members members, CancellationToken cancellationToken) => Task.FromResult(members);

        public ValueTask<ReadOnlyMemory<byte>> BytesAsync(byte[] array, ReadOnlyMemory<byte> memory, CancellationToken cancellationToken) =>
            new((byte[])[.. array, .. memory.Span]);

        public Task<JsonElement> JsonAsync(JsonElement element, object? anything, CancellationToken cancellationToken) =>
            Task.FromResult(JsonSerializer.SerializeToElement(new[] { element, (JsonElement)anything! }));

        public Task<int?> NullablesAsync(int? number, string? text, Season? season, List<int?>? list, CancellationToken cancellationToken) =>
            Task.FromResult(number is null && text is null && season is null && list is null ? null : number + (int?)season + list?.Sum());

        public Task<string> FindAsync(int id, CancellationToken cancellationToken) => Task.FromResult("by id");

        public Task<string> FindAsync(string name, CancellationToken cancellationToken) => Task.FromResult("by name");

        public Task<string> ParamsAsync(string first, CancellationToken cancellationToken, params string[] rest) => Task.FromResult(string.Join('+', [first, .. rest]));

        public Task<string> DefaultsAsync(string text, char c, double ratio, decimal price, Season season, Season? none, long big, DateTime when, bool flag, CancellationToken cancellationToken) =>
            Task.FromResult(FormattableString.Invariant($"{text}|{c}|{ratio}|{price}|{season}|{none}|{big}|{when.Ticks}|{flag}"));

        public Task<string> @event(string @class, int größe, int 数, CancellationToken @this) => Task.FromResult($"{@class}{größe}{数}");

        public Task<string> CreateClient(string arguments, string reader, string json, string validation, CancellationToken writer) =>
            Task.FromResult(arguments + reader + json + validation);

        public Task Contract(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<int> OldAsync(CancellationToken cancellationToken) => Task.FromResult(1);

        public Task<DayOfWeek> ForeignAsync(System.Net.HttpStatusCode code, DayOfWeek day, CancellationToken cancellationToken) =>
            Task.FromResult(code == System.Net.HttpStatusCode.NotFound ? day : default);

        public Task<string> PlainAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);

        public Task<int> RootAsync(int n, CancellationToken cancellationToken) => Task.FromResult(n);

        public Task<int> LeftAsync(int n, CancellationToken cancellationToken) => Task.FromResult(-n);

        public Task<int> RightAsync(int n, CancellationToken cancellationToken) => Task.FromResult(2 * n);
    }

    /// <summary>Contracts can be internal and nested.</summary>
    internal static partial class Nest
    {
        [AmqpRpc]
        internal partial interface IHidden
        {
            Task<int> IncrementAsync(int n, CancellationToken cancellationToken = default);
        }

        internal sealed class Hidden : IHidden
        {
            public Task<int> IncrementAsync(int n, CancellationToken cancellationToken) => Task.FromResult(n + 1);
        }
    }
}

namespace RpcGen.EndToEnd.Tests.Contracts.Other
{
    /// <summary>Two contracts with the same name in different namespaces.</summary>
    [AmqpRpc]
    public partial interface IShapes
    {
        Task<string> WhoAsync(CancellationToken cancellationToken = default);
    }

    public sealed class Shapes : IShapes
    {
        public Task<string> WhoAsync(CancellationToken cancellationToken) => Task.FromResult("the other");
    }
}
