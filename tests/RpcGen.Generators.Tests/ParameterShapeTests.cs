using System.Text.Json;
using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Every shape of parameter, default value and result, compiled with warnings as errors.</summary>
public sealed class ParameterShapeTests
{
    [Fact]
    public void Default_values_of_every_kind() => Snapshot.Match(Defaults(GeneratorTest.Run("""
        namespace Demo;

        public enum Colour : short { None, Red = -3 }
        public enum Big : ulong { Top = ulong.MaxValue }
        public struct Point { public int X { get; set; } }

        [AmqpRpc]
        public partial interface IDefaults
        {
            Task A(bool b = true, byte y = 255, sbyte s = -1, short h = short.MinValue, ushort u = 1, int i = int.MinValue, uint v = 1, long l = long.MinValue, ulong w = ulong.MaxValue, CancellationToken ct = default);
            Task B(char c = '\'', char d = '\u0000', string s = "a\"\\\r\n\u2028\ud800{}", string? n = null, string m = null!, CancellationToken ct = default);
            Task C(float f = 0.1f, float a = float.NaN, double d = 0.1, double e = double.NegativeInfinity, double z = -0.0, float y = -0.0f, double g = double.Epsilon, decimal m = -1.50m, double h = 1e300, float i = float.MaxValue, CancellationToken ct = default);
            Task D(Colour c = Colour.Red, Colour? n = Colour.Red, Colour? o = null, Big b = Big.Top, Point p = default, Point? q = null, int? r = 5, int? s = null, Guid g = default, DateTime t = default, CancellationToken ct = default);
            Task E(List<int>? l = null, object? o = null, (int A, string B) t = default, CancellationToken ct = default, params string[] rest);
        }
        """)["Demo.IDefaults.g.cs"]));

    [Fact]
    public void Results_and_parameters_of_every_kind() => GeneratorTest.Run("""
        #nullable enable
        namespace Demo;

        public record Node<T>(T Value, Node<T>? Next);
        public enum Kind { A }

        [AmqpRpc]
        public partial interface ITypes
        {
            Task<string?> A(string? s, string t, List<string?>? l, Dictionary<string, List<int?>> d, CancellationToken ct);
            ValueTask<(int A, string? B)> B((int X, (string? Y, int Z) W) t, CancellationToken ct);
            Task<Node<string?>> C(Node<Node<int>>? n, int[][] a, byte[] b, CancellationToken ct);
            Task<IReadOnlyList<Kind>> D(Kind? k, ReadOnlyMemory<byte> m, DateTimeOffset o, TimeSpan p, Guid g, decimal c, Int128 i, Uri u, JsonElement e, CancellationToken ct);
            Task<dynamic> E(dynamic d, object o, CancellationToken ct);
            ValueTask<int?> F([System.Diagnostics.CodeAnalysis.AllowNull] string s, CancellationToken ct);
            Task G(params List<int> rest);
            Task<T[]> NotRemote<T>(T t) => Task.FromResult(new[] { t });
            static int Static => 1;
            int Property => 2;
        }
        """);

    [Fact]
    public void Params_of_every_collection_may_be_missing() => Assert.DoesNotContain(
        ".Required(ref reader",
        GeneratorTest.Run("""
            [AmqpRpc]
            public partial interface IParams
            {
                Task A(CancellationToken ct, params List<int> rest);
                Task B(CancellationToken ct, params System.Collections.Immutable.ImmutableArray<int> rest);
                Task C(CancellationToken ct, params ICollection<string?> rest);
                Task D(CancellationToken ct, params string?[]? rest);
                Task E(CancellationToken ct, params HashSet<int?> rest);
            }
            """)["IParams.g.cs"],
        StringComparison.Ordinal);

    [Fact]
    public void Contracts_without_nullable_annotations() => GeneratorTest.Run("""
        #nullable disable
        namespace Demo;

        public class Dto { public string S { get; set; } }

        [AmqpRpc]
        public partial interface IOblivious
        {
            Task<string> A(string s, List<string> l = null, string t = "x", Dto d = null, CancellationToken ct = default);
        }
        """);

    private static string Defaults(string code) => string.Join('\n', code.Split("new(json, ").Skip(1).Select(property => property.Split('\n')[0].TrimEnd(' ', ',', ';')));
}
