using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>The base of tests of progress.</summary>
public abstract class ProgressTest(ITestBroker broker) : EndToEndTest(broker)
{
    /// <summary>Serves on a connection of its own.</summary>
    protected async Task<RpcServer> ServeAsync(Working work, RpcServerOptions? options = null, RpcConnectionOptions? connection = null) =>
        await (await ConnectAsync(connection ?? new RpcConnectionOptions())).ServeAsync<IJobs>(new Jobs(work), new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);

    /// <summary>A client on a connection of its own.</summary>
    protected async Task<IJobs> CreateClientAsync(RpcConnectionOptions? connection = null) => (await ConnectAsync(connection ?? new RpcConnectionOptions())).CreateClient<IJobs>(ClientOptions);

    protected static Step Step(int number, int length = 0) => new(number, $"step {number}" + new string('x', length));

    /// <summary>Keeps what is reported, on the thread that reports. Fails if two values come at a time.</summary>
    /// <param name="onReport">Called with each value before it is kept.</param>
    protected sealed class Collector<T>(Action<T>? onReport = null) : IProgress<T>
    {
        private readonly ConcurrentQueue<T> _values = new();
        private int _isReporting;

        public T[] Values => [.. _values];

        public void Report(T value)
        {
            Assert.Equal(0, Interlocked.Exchange(ref _isReporting, 1));
            try
            {
                onReport?.Invoke(value);
                _values.Enqueue(value);
            }
            finally
            {
                Volatile.Write(ref _isReporting, 0);
            }
        }
    }
}
