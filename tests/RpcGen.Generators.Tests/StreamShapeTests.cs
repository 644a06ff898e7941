using RpcGen.Generators.Tests.Support;

namespace RpcGen.Generators.Tests;

/// <summary>Tests methods that return streams.</summary>
public sealed class StreamShapeTests
{
    [Fact]
    public void Streams_of_each_number_of_parameters() => Snapshot.Match(
        GeneratorTest.Run("""
            [AmqpRpc("feed"), RpcStream(WindowItems = 5)]
            public partial interface IFeed
            {
                IAsyncEnumerable<string> AllAsync(CancellationToken ct);
                IAsyncEnumerable<int?> OfAsync(string topic, int from = 3, CancellationToken ct = default);
                [RpcStream(WindowBytes = 4096, IdleTimeoutMilliseconds = 10, TotalTimeoutMilliseconds = 20), RpcTimeout(5)]
                IAsyncEnumerable<(int, string)> WideAsync(int a, int b, int c, int d, int e, int f, CancellationToken ct);
                Task<string> PlainAsync(string topic, CancellationToken ct);
            }
            """)["IFeed.g.cs"]);

    [Fact]
    public void Streams_that_methods_take() => Snapshot.Match(
        GeneratorTest.Run("""
            using System.ComponentModel.DataAnnotations;
            public record Line([property: Range(1, 9)] int Quantity);
            [AmqpRpc("intake"), RpcStream(WindowItems = 5)]
            public partial interface IIntake
            {
                Task<int> OneAsync(IAsyncEnumerable<int> numbers, CancellationToken ct);
                Task TwoAsync(string topic, IAsyncEnumerable<Line> lines, IAsyncEnumerable<Line?> more, CancellationToken ct);
                ValueTask<string> WideAsync(int a, IAsyncEnumerable<string> b, int c, int d, int e, int f, CancellationToken ct);
                [RpcStream(WindowBytes = 4096)]
                IAsyncEnumerable<string> BothAsync(IAsyncEnumerable<(int, string)?> item, CancellationToken ct);
            }
            """)["IIntake.g.cs"]);

    [Fact]
    public void Streams_that_cannot_be_taken() => DiagnosticTest.Check("""
        [AmqpRpc]
        public partial interface IIntake
        {
            Task A(IAsyncEnumerable<string>? {|RPCGEN051:items|}, CancellationToken ct);
            Task B(IAsyncEnumerable<string>[] {|RPCGEN051:items|}, CancellationToken ct);
            Task C(System.Threading.Channels.ChannelReader<string> {|RPCGEN051:items|}, CancellationToken ct);
            Task D(IObservable<string> {|RPCGEN051:items|}, CancellationToken ct);
            Task E(IAsyncEnumerator<string> {|RPCGEN051:items|}, CancellationToken ct);
            Task F(System.Collections.Generic.List<IAsyncEnumerable<string>> {|RPCGEN051:items|}, CancellationToken ct);
            Task G(IAsyncEnumerable<IAsyncEnumerable<string>> {|RPCGEN051:items|}, CancellationToken ct);
            Task H(IAsyncEnumerable<string> {|RPCGEN051:items|} = null!, CancellationToken ct = default);
            [RpcOneWay] Task {|RPCGEN048:I|}(IAsyncEnumerable<string> items, CancellationToken ct);
            [RpcBroadcast] Task {|RPCGEN048:J|}(IAsyncEnumerable<string> items, CancellationToken ct);
            [RpcDurable] Task {|RPCGEN048:K|}(IAsyncEnumerable<string> items, CancellationToken ct);
            [RpcStream(WindowItems = 1)] Task L(IAsyncEnumerable<string> items, CancellationToken ct);
            [{|RPCGEN040:RpcBatching(true)|}] Task M(IAsyncEnumerable<string> items, CancellationToken ct);
            Task O(IProgress<int> {|RPCGEN045:progress|}, CancellationToken ct);
            Task P(System.IO.Stream {|RPCGEN045:content|}, CancellationToken ct);
            Task N(in IAsyncEnumerable<string> {|RPCGEN006:items|}, CancellationToken ct);
        }

        [AmqpRpc(BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IBareIntake
        {
            Task {|RPCGEN048:A|}(IAsyncEnumerable<string> items, CancellationToken ct);
        }
        """);

    [Fact]
    public void Streams_and_their_limits() => DiagnosticTest.Check("""
        [AmqpRpc, RpcDurable, {|RPCGEN049,RPCGEN049:RpcStream(WindowItems = -1, WindowBytes = 1023)|}]
        public partial interface IFeed
        {
            IAsyncEnumerable<string> A(int n, CancellationToken ct);
            Task<IAsyncEnumerable<string>> {|RPCGEN047:B|}(CancellationToken ct);
            ValueTask<System.Threading.Channels.ChannelReader<string>> {|RPCGEN047:C|}(CancellationToken ct);
            IObservable<string> {|RPCGEN047:D|}(CancellationToken ct);
            IAsyncEnumerator<string> {|RPCGEN047:E|}(CancellationToken ct);
            IAsyncEnumerable<string>? {|RPCGEN047:F|}(CancellationToken ct);
            [RpcOneWay] IAsyncEnumerable<string> {|RPCGEN048:G|}(CancellationToken ct);
            [RpcBroadcast] IAsyncEnumerable<string> {|RPCGEN048:H|}(CancellationToken ct);
            [RpcDurable] IAsyncEnumerable<string> {|RPCGEN048:I|}(CancellationToken ct);
            [{|RPCGEN049:RpcStream(IdleTimeoutMilliseconds = -1)|}] IAsyncEnumerable<string> J(CancellationToken ct);
            [RpcStream(WindowBytes = 1024, WindowItems = 1, IdleTimeoutMilliseconds = 1, TotalTimeoutMilliseconds = 1)] IAsyncEnumerable<string> K(CancellationToken ct);
            [{|RPCGEN050:RpcStream|}] Task<string> L(CancellationToken ct);
            [{|RPCGEN040:RpcBatching(true)|}] IAsyncEnumerable<string> M(CancellationToken ct);
            IAsyncEnumerable<object> {|RPCGEN025:N|}(CancellationToken ct);
            IAsyncEnumerable<string> {|RPCGEN023:O|}();
        }

        [AmqpRpc, {|RPCGEN050:RpcStream|}]
        public partial interface INoFeed
        {
            Task<string> A(CancellationToken ct);
        }

        [AmqpRpc(BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IBareFeed
        {
            IAsyncEnumerable<string> {|RPCGEN048:A|}(int n, CancellationToken ct);
        }
        """);
}
