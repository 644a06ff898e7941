using System.Runtime.CompilerServices;
using System.Text;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>The base of tests of streams and progress by JSON, without a contract.</summary>
public abstract class DynamicStreamTest(ITestBroker broker) : EndToEndTest(broker)
{
    protected static readonly byte[] Named = """{"name":"x"}"""u8.ToArray();

    protected async Task ServeAsync<T>(T service)
        where T : class, IRpcContract<T> => await (await ConnectAsync()).ServeAsync(service, ServerOptions, Cancel);

    protected async Task<RpcDynamicClient> CreateClientAsync() => (await ConnectAsync()).CreateDynamicClient(Queue);

    protected static async Task<Receipt> StoreAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken)
    {
        Parcel[] all = await parcels.ToArrayAsync(cancellationToken);
        return new Receipt(all.Length, $"{name}: {string.Join(' ', all.Select(parcel => parcel.Text))}");
    }

    protected static IAsyncEnumerable<FeedItem> Answer(IAsyncEnumerable<Parcel> parcels) => parcels.Select(parcel => new FeedItem(parcel.Number, parcel.Text + "!"));

    protected static async IAsyncEnumerable<FeedItem> EndlessAsync(TaskCompletionSource left, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        try
        {
            yield return new FeedItem(0, "zero");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        finally
        {
            left.SetResult();
        }
    }

    protected static RpcDynamicCallOptions Sending(string parameter, params string[] items) => Sending(parameter, Items(items));

    protected static RpcDynamicCallOptions Sending(string parameter, IAsyncEnumerable<ReadOnlyMemory<byte>> items) =>
        new() { Streams = new Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> { [parameter] = items } };

    protected static RpcDynamicCallOptions SendingBytes(byte[] content) => new() { ByteStreams = new Dictionary<string, Stream> { ["content"] = new MemoryStream(content) } };

    protected static IAsyncEnumerable<ReadOnlyMemory<byte>> Items(params string[] items) => items.Select(item => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(item)).ToAsyncEnumerable();

    protected static string Text(ReadOnlyMemory<byte> json) => Encoding.UTF8.GetString(json.Span);

    protected static async Task<byte[]> ReadAllAsync(Stream stream, CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await stream.CopyToAsync(all, cancellationToken);
        return all.ToArray();
    }

    protected static async Task<string> CallAsync(RpcDynamicClient client, string method, byte[] arguments, RpcDynamicCallOptions? options) =>
        Text(await client.CallAsync(method, arguments, options, Cancel).OrFail());

    protected sealed class Values : IProgress<ReadOnlyMemory<byte>>
    {
        public List<string> All { get; } = [];

        public void Report(ReadOnlyMemory<byte> value) => All.Add(Text(value));
    }
}
