using RpcGen.Benchmarks.Micro;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Telemetry;

/// <summary>Unused features allocate nothing.</summary>
[Collection(ListensToAll.Name)]
public sealed class AllocationTests
{
    private const int Calls = 1_000;

    [Fact]
    public async Task Without_listeners_a_call_allocates_nothing()
    {
        await using RpcConnection connection = await ConnectAsync();
        ICalculator client = connection.CreateClient<ICalculator>();

        Assert.Equal(0, BytesPerCall(client));
        using (Spans.Collect())
        {
            Assert.NotEqual(0, BytesPerCall(client));
        }

        using (new Measurements())
        {
            Assert.NotEqual(0, BytesPerCall(client));
        }

        Assert.Equal(0, BytesPerCall(client));
    }

    [Fact]
    public async Task A_call_with_reused_metadata_allocates_no_headers()
    {
        await using RpcConnection connection = await ConnectAsync();
        ICalculator client = connection.CreateClient<ICalculator>().With(metadata: new() { ["tenant"] = "acme" });

        Assert.Equal(0, BytesPerCall(client));
    }

    [Fact]
    public async Task Only_clients_with_interceptors_pay_for_them()
    {
        await using RpcConnection connection = await ConnectAsync();
        ICalculator plain = connection.CreateClient<ICalculator>();
        ICalculator intercepted = connection.CreateClient<ICalculator>(new RpcClientOptions { Interceptors = { new Nothing() } });

        Assert.NotEqual(0, BytesPerCall(intercepted));
        Assert.Equal(0, BytesPerCall(plain));
    }

    /// <summary>A broker that answers at once on the caller's thread, with prepared replies.</summary>
    private static Task<RpcConnection> ConnectAsync()
    {
        var random = new Counted();
        return RpcConnection.ConnectAsync(new CannedTransport(Reply), new RpcConnectionOptions { Batching = false }, random, TestContext.Current.CancellationToken);

        void Reply(CannedChannel channel, in OutgoingMessage message)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var reply = new IncomingMessage { ContentType = "application/json", CorrelationId = message.CorrelationId.ToString(), Body = "-1"u8.ToArray() };
            Canned += GC.GetAllocatedBytesForCurrentThread() - before;
            channel.Consumer!.OnDelivered(in reply);
        }
    }

    /// <summary>Bytes allocated by the broker's side.</summary>
    private static long Canned { get; set; }

    private static long BytesPerCall(ICalculator client)
    {
        for (int i = 0; i < 100; i++)
        {
            Call(client);
        }

        Canned = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Calls; i++)
        {
            Call(client);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before - Canned) / Calls;
    }

    private static void Call(ICalculator client)
    {
#pragma warning disable CA2012, xUnit1031 // It has completed.
        ValueTask<int> call = client.NegateAsync(1);
        Assert.True(call.IsCompleted);
        _ = call.GetAwaiter().GetResult();
#pragma warning restore CA2012, xUnit1031
    }

    private sealed class Nothing : IRpcClientInterceptor
    {
        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct => next(call);
    }

    private sealed class Counted : IRandomSource
    {
        private ulong _last;

        public ulong NextBits() => ++_last;
    }
}
