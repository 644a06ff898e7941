using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>The base of failure tests.</summary>
public abstract class FailureTest(ITestBroker broker) : EndToEndTest(broker)
{
    /// <summary>Serves with the given behaviour on a separate connection.</summary>
    protected async Task<RpcServer> ServeAsync(Func<string, CancellationToken, Task<string>> act, RpcServerOptions? options = null) =>
        await (await ConnectAsync()).ServeAsync<ITroublemaker>(new Troublemaker(act), new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);

    /// <summary>A client on a separate connection.</summary>
    protected async Task<ITroublemaker> CreateClientAsync(RpcClientOptions? options = null) =>
        (await ConnectAsync()).CreateClient<ITroublemaker>(new RpcClientOptions(options ?? ClientOptions) { Queue = Queue });

    /// <summary>A handler that reports its start, and ends when its token fires or the test releases it.</summary>
    protected sealed class Held
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<string> _release = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _tokenFired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _runs;

        public Task Started => _started.Task;

        public Task TokenFired => _tokenFired.Task;

        public int Runs => Volatile.Read(ref _runs);

        public void Release(string result = "released") => _release.TrySetResult(result);

        public async Task<string> ActAsync(string text, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _runs);
            _started.TrySetResult();
            try
            {
                return await _release.Task.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                _tokenFired.TrySetResult();
                throw;
            }
        }
    }
}
