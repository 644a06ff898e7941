using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Introspection;

/// <summary>Streams that a call sends, by JSON.</summary>
public abstract class DynamicUploadTests(ITestBroker broker) : DynamicStreamTest(broker)
{
    [Fact]
    public async Task Items_are_sent()
    {
        await ServeAsync<IIntake>(new Intake(StoreAsync, (_, parcels, _) => Answer(parcels)));
        RpcDynamicClient client = await CreateClientAsync();

        Assert.Equal("""{"count":2,"note":"x: a b"}""", await CallAsync(client, "Store", Named, Sending("parcels", """{"number":1,"text":"a"}""", """ { "text" : "b", "number" : 2 } """)));
        Assert.Equal("", await CallAsync(client, "Discard", "{}"u8.ToArray(), Sending("parcels")));
        Assert.Equal("""["1-a","2-b"]""", await CallAsync(client, "Zip", """{"separator":"-"}"""u8.ToArray(), new RpcDynamicCallOptions
        {
            Streams = new Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> { ["numbers"] = Items("1", "2"), ["texts"] = Items("\"a\"", "\"b\"") },
        }));
        string[] answers = await client.StreamAsync("Exchange", Named, Sending("parcels", """{"number":5,"text":"e"}"""), Cancel).Select(item => Text(item)).ToArrayAsync(Cancel).AsTask().OrFail();
        Assert.Equal(["""{"number":5,"text":"e!"}"""], answers);
    }

    [Fact]
    public async Task Items_that_break_the_contract_or_are_no_JSON_end_the_call()
    {
        await ServeAsync<IIntake>(new Intake(StoreAsync, (_, parcels, _) => Answer(parcels)));
        RpcDynamicClient client = await CreateClientAsync();

        RpcValidationException invalid = await Assert.ThrowsAsync<RpcValidationException>(() => CallAsync(client, "Store", Named, Sending("parcels", """{"number":1,"text":"a"}""", """{"number":-1,"text":"b"}""")));
        Assert.Equal(["parcels[1].number"], invalid.Errors.Keys);
        foreach (string broken in (string[])["", "{", "1,2", "[]]"])
        {
            RpcProtocolException unsendable = await Assert.ThrowsAsync<RpcProtocolException>(() => CallAsync(client, "Store", Named, Sending("parcels", broken)));
            Assert.Contains("parcels", unsendable.Message, StringComparison.Ordinal);
        }

        InvalidOperationException own = await Assert.ThrowsAsync<InvalidOperationException>(() => CallAsync(client, "Store", Named, Sending("parcels", FailingAsync())));
        Assert.Equal("of the caller", own.Message);

        static async IAsyncEnumerable<ReadOnlyMemory<byte>> FailingAsync()
        {
            await Task.Yield();
            yield return """{"number":1,"text":"a"}"""u8.ToArray();
            throw new InvalidOperationException("of the caller");
        }
    }

    [Fact]
    public async Task Cancelling_reaches_the_handler_and_the_source()
    {
        var handler = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await ServeAsync<IIntake>(new Intake(
            async (_, parcels, token) =>
            {
                token.Register(() => handler.TrySetResult());
                return new Receipt(await parcels.CountAsync(token), "");
            },
            (_, parcels, _) => Answer(parcels)));
        RpcDynamicClient client = await CreateClientAsync();
        using var giveUp = new CancellationTokenSource();
        var parcels = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<ReadOnlyMemory<byte>> call = client.CallAsync("Store", Named, Sending("parcels", WaitAsync(Cancel)), giveUp.Token);
        await started.Task.OrFail();
        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.OrFail());
        await handler.Task.OrFail();
        await source.Task.OrFail();

        async IAsyncEnumerable<ReadOnlyMemory<byte>> WaitAsync([EnumeratorCancellation] CancellationToken cancellationToken)
        {
            started.SetResult();
            try
            {
                yield return await parcels.Reader.ReadAsync(cancellationToken);
            }
            finally
            {
                source.SetResult();
            }
        }
    }
}

public sealed class DynamicUploadTestsInMemory(MemoryBroker broker) : DynamicUploadTests(broker), IClassFixture<MemoryBroker>;

public sealed class DynamicUploadTestsOnRabbitMq(SharedRabbit broker) : DynamicUploadTests(broker);
