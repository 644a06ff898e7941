using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Connects a generated client directly to the generated server code.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void Arguments_results_faults_and_defaults() => Snapshot.Match(Loopback.Run("""
        public record Point<T>(T X, T? Y);
        public class BaseException(string message, int code) : Exception(message) { public int Code { get; } = code; public string[]? Notes { get; set; } }
        public class DerivedException(string message, int code) : BaseException(message, code) { public required Guid Id { get; init; } }

        [AmqpRpc]
        [RpcFault<BaseException>("base")]
        public partial interface IService
        {
            Task<string> Echo(string @string, int reader, Point<int?>? point = null, CancellationToken token = default, params string[] rest);
            ValueTask<Dictionary<string, Point<string>>?> Nothing();
            [RpcFault<DerivedException>("derived")] Task Throw(bool derived);
            ValueTask<int> Sum(int a = 2, decimal b = 3.5m, DayOfWeek c = DayOfWeek.Friday);
            Task<int> Überraschung(int größe);
        }

        public sealed class Service : IService
        {
            public async Task<string> Echo(string s, int reader, Point<int?>? point, CancellationToken token, params string[] rest) { await Task.Yield(); return $"{s} {reader} {point} {string.Join(",", rest)} {token.CanBeCanceled}"; }
            public ValueTask<Dictionary<string, Point<string>>?> Nothing() => default;
            public Task Throw(bool derived) => throw (derived
                ? new DerivedException("d", 7) { Id = new Guid("00000000-0000-0000-0000-000000000001"), Notes = ["n"] }
                : new BaseException("b", 8));
            public ValueTask<int> Sum(int a, decimal b, DayOfWeek c) => new(a + (int)(b * 2) + (int)c);
            public Task<int> Überraschung(int größe) => Task.FromResult(größe);
        }

        public static class Test
        {
            public static async Task<object> Run()
            {
                IService client = Loopback.Client<IService>(new Service());
                using var source = new CancellationTokenSource();
                var answers = new List<object?>
                {
                    await client.Echo("s", 1, new(3, null), source.Token, "a", "b"),
                    await client.Echo("s", 2),
                    await client.Nothing(),
                    await client.Sum(),
                    await client.Überraschung(9),
                };
                foreach (bool derived in new[] { false, true })
                {
                    try { await client.Throw(derived); }
                    catch (BaseException e) { answers.Add($"{e.GetType()} {e.Message} {e.Code} {e.Notes?[0]} {(e as DerivedException)?.Id}"); }
                }

                return answers;
            }
        }
        """));
}
