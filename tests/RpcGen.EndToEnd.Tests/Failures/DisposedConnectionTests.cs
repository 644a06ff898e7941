using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;
using RpcGen.EndToEnd.Tests.Interceptors.Examples;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>Synchronous code that waits for calls, stops and disposals, and what is left of a connection that was disposed.</summary>
public abstract class DisposedConnectionTests(ITestBroker broker) : FailureTest(broker)
{
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

    [Fact]
    public async Task A_thread_with_a_context_can_wait_for_calls_stops_and_disposals()
    {
        var ended = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            SynchronizationContext.SetSynchronizationContext(new BlockedContext());
            try
            {
                ended.SetResult(ServeAndCall());
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        }) { IsBackground = true };

        thread.Start();

        Assert.Equal("waited for", await ended.Task.OrFail());
    }

    [Fact]
    public async Task A_disposed_connection_is_let_go_although_calls_were_pending()
    {
        var held = new Held();
        await ServeAsync(held.ActAsync);

        WeakReference[] disposed = await CallAndDisposeAsync(held);

        await Wait.UntilAsync(
            () =>
            {
                GC.Collect();
                return !Array.Exists(disposed, reference => reference.IsAlive);
            },
            "nothing refers to the connection and its calls");
        held.Release();
    }

    /// <summary>Everything that an application does, by waiting.</summary>
    private string ServeAndCall()
    {
        RpcConnection connection = RpcConnection.ConnectAsync(Broker.Url, new RpcConnectionOptions { LoggerFactory = Log }, Cancel).GetAwaiter().GetResult();
        RpcServer server = connection.ServeAsync<ITroublemaker>(new Troublemaker((text, _) => Task.FromResult(text)), ServerOptions, Cancel).GetAwaiter().GetResult();
        ITroublemaker client = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions)
        {
            Interceptors = { new CallLogging(Log.CreateLogger<CallLogging>()) },
        });
        string result = client.DoAsync("waited for", Cancel).GetAwaiter().GetResult();
        server.StopAsync(Cancel).GetAwaiter().GetResult();
        connection.DisposeAsync().AsTask().GetAwaiter().GetResult();
        return result;
    }

    /// <summary>In a method of its own, so that no variable of the test refers to the connection.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async Task<WeakReference[]> CallAndDisposeAsync(Held held)
    {
        RpcConnection connection = await RpcConnection.ConnectAsync(Broker.Url, Cancel);
        ITroublemaker client = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = Long });
        Task<string>[] pending = [.. Enumerable.Range(0, 10).Select(_ => client.DoAsync("x", Cancel))];
        await held.Started.OrFail();

        await connection.DisposeAsync();

        foreach (Task<string> call in pending)
        {
            await Assert.ThrowsAsync<RpcConnectionException>(() => call.OrFail());
        }

        return [new WeakReference(connection), new WeakReference(connection.Calls)];
    }

    /// <summary>The context of a thread that waits: what is posted to it never runs.</summary>
    private sealed class BlockedContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state)
        {
            // The thread is blocked.
        }
    }
}

public sealed class DisposedConnectionTestsInMemory(MemoryBroker broker) : DisposedConnectionTests(broker), IClassFixture<MemoryBroker>;

public sealed class DisposedConnectionTestsOnRabbitMq(SharedRabbit broker) : DisposedConnectionTests(broker);
