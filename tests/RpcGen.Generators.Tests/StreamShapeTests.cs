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
            Task O(System.IO.Stream? {|RPCGEN051:content|}, CancellationToken ct);
            Task P(System.IO.MemoryStream {|RPCGEN051:content|}, CancellationToken ct);
            Task Q(System.IO.Stream[] {|RPCGEN051:content|}, CancellationToken ct);
            Task R(System.IO.Stream {|RPCGEN051:content|} = null!, CancellationToken ct = default);
            Task S(IAsyncEnumerable<System.IO.Stream> {|RPCGEN051:content|}, CancellationToken ct);
            [RpcOneWay] Task {|RPCGEN048:T|}(System.IO.Stream content, CancellationToken ct);
            [{|RPCGEN040:RpcBatching(true)|}] Task U(System.IO.Stream content, CancellationToken ct);
            Task V(System.IO.Stream content, System.IO.Stream more, IProgress<int> progress, CancellationToken ct);
            Task N(in IAsyncEnumerable<string> {|RPCGEN006:items|}, CancellationToken ct);
        }

        [AmqpRpc(BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IBareIntake
        {
            Task {|RPCGEN048:A|}(IAsyncEnumerable<string> items, CancellationToken ct);
        }
        """);

    [Fact]
    public void Bytes_that_methods_take_and_return() => Snapshot.Match(
        GeneratorTest.Run("""
            using System.IO;
            [AmqpRpc("files"), RpcStream(WindowItems = 5, WindowBytes = 2048)]
            public partial interface IFiles
            {
                Task<Stream> DownloadAsync(string name, CancellationToken ct);
                Task<int> UploadAsync(Stream content, IProgress<long>? progress, CancellationToken ct);
                [RpcStream(WindowItems = 5)] ValueTask<Stream> ConvertAsync(int a, int b, int c, int d, int e, Stream content, CancellationToken ct);
            }
            """)["IFiles.g.cs"]);

    [Fact]
    public void Progress_that_methods_take() => Snapshot.Match(
        GeneratorTest.Run("""
            using System.ComponentModel.DataAnnotations;
            public record Done([property: Range(0, 100)] int Percent);
            [AmqpRpc("work"), RpcStream(WindowBytes = 2048)]
            public partial interface IWork
            {
                Task<int> OneAsync(IProgress<int> progress, CancellationToken ct);
                Task TwoAsync(string topic, IProgress<Done>? progress = null, IProgress<string?>? notes = null, CancellationToken ct = default);
                ValueTask<string> WideAsync(int a, int b, int c, int d, IAsyncEnumerable<int> e, IProgress<(int, string)?>? progress, CancellationToken ct);
                [RpcBatching(false)] Task AloneAsync(IProgress<int>? progress, CancellationToken ct);
            }
            """)["IWork.g.cs"]);

    [Fact]
    public void Progress_that_cannot_be_taken() => DiagnosticTest.Check("""
        [AmqpRpc]
        public partial interface IWork
        {
            Task A(Progress<int> {|RPCGEN052:progress|}, CancellationToken ct);
            Task B(IProgress<int>[] {|RPCGEN052:progress|}, CancellationToken ct);
            Task C(System.Collections.Generic.List<IProgress<int>> {|RPCGEN052:progress|}, CancellationToken ct);
            Task D(IProgress<IProgress<int>> {|RPCGEN052:progress|}, CancellationToken ct);
            Task E(IProgress<IAsyncEnumerable<int>> {|RPCGEN051:progress|}, CancellationToken ct);
            IAsyncEnumerable<int> F(IProgress<int> {|RPCGEN052:progress|}, CancellationToken ct);
            Task G(in IProgress<int> {|RPCGEN006:progress|}, CancellationToken ct);
            [RpcOneWay] Task {|RPCGEN048:H|}(IProgress<int> progress, CancellationToken ct);
            [RpcBroadcast] Task {|RPCGEN048:I|}(IProgress<int> progress, CancellationToken ct);
            [RpcDurable] Task {|RPCGEN048:J|}(IProgress<int> progress, CancellationToken ct);
            [RpcStream(WindowBytes = 1024), RpcBatching(false)] Task K(IProgress<int> progress, CancellationToken ct);
            Task L(IAsyncEnumerable<int> items, IProgress<int> progress, CancellationToken ct);
        }

        [AmqpRpc, RpcDurable]
        public partial interface IDurableWork
        {
            Task A(IProgress<int> progress, CancellationToken ct);
        }

        [AmqpRpc(BodyStyle = RpcBodyStyle.Bare)]
        public partial interface IBareWork
        {
            Task {|RPCGEN048:A|}(IProgress<int> progress, CancellationToken ct);
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
            Task<System.IO.Stream> P(CancellationToken ct);
            Task<System.IO.Stream?> {|RPCGEN047:Q|}(CancellationToken ct);
            Task<System.IO.FileStream> {|RPCGEN047:R|}(CancellationToken ct);
            System.IO.Stream {|RPCGEN004:S|}(CancellationToken ct);
            Task<System.IO.Stream> T(IProgress<int> {|RPCGEN052:progress|}, CancellationToken ct);
            [RpcDurable] Task<System.IO.Stream> {|RPCGEN048:U|}(CancellationToken ct);
            [RpcStream(WindowBytes = 1024)] ValueTask<System.IO.Stream> V(CancellationToken ct);
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
