using System.Text;
using BenchmarkDotNet.Attributes;
using RpcGen.Benchmarks.Peers.RpcGen;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Benchmarks.Micro;

/// <summary>
/// A whole request on the server, from its delivery to its reply and acknowledgement: the budget, the hop to the thread
/// pool, the arguments, the handler, the result. Strings exist already.
/// </summary>
[MemoryDiagnoser]
public class DispatchBenchmarks
{
    private const int Requests = 64;
    private static readonly byte[] Body = Encoding.UTF8.GetBytes("""{"a":1,"b":2}""");
    private readonly SemaphoreSlim _allReplied = new(0);
    private ITransportConsumer _atLeastOnce = null!;
    private ITransportConsumer _atMostOnce = null!;
    private ulong _lastTag;
    private int _replies;

    [GlobalSetup]
    public async Task SetUpAsync()
    {
        var transport = new CannedTransport(OnReply);
        RpcConnection connection = await RpcConnection.ConnectAsync(transport, new RpcConnectionOptions(), SystemRandomSource.Instance, default);
        await connection.ServeAsync<ICalculator>(new CalculatorService());
        await connection.ServeAsync<IAtMostOnceCalculator>(new CalculatorService());
        _atLeastOnce = transport["calc"];
        _atMostOnce = transport["once"];
    }

    [Benchmark(OperationsPerInvoke = Requests)]
    public void AtLeastOnce() => Deliver(_atLeastOnce);

    [Benchmark(OperationsPerInvoke = Requests)]
    public void AtMostOnce() => Deliver(_atMostOnce);

    private void Deliver(ITransportConsumer consumer)
    {
        for (int i = 0; i < Requests; i++)
        {
            var request = new IncomingMessage
            {
                DeliveryTag = ++_lastTag,
                ContentType = "application/json",
                Type = "Add",
                CorrelationId = "0123456789abcdef",
                ReplyTo = "rpc.cb.0123456789abcdef",
                Expiration = "30000",
                Body = Body,
            };
            consumer.OnDelivered(in request);
        }

        _allReplied.Wait();
    }

    private void OnReply(CannedChannel channel, in OutgoingMessage message)
    {
        if (Interlocked.Increment(ref _replies) % Requests == 0)
        {
            _allReplied.Release();
        }
    }
}
