using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Streams;

/// <summary>The base of tests of streams that clients send.</summary>
public abstract class UploadTest(ITestBroker broker) : EndToEndTest(broker)
{
    /// <summary>Serves on a connection of its own.</summary>
    protected async Task<RpcServer> ServeAsync(Storing store, RpcServerOptions? options = null, RpcConnectionOptions? connection = null) =>
        await ServeAsync(new Intake(store, (_, _, _) => throw new InvalidOperationException("not expected")), options, connection);

    /// <inheritdoc cref="ServeAsync(Storing, RpcServerOptions?, RpcConnectionOptions?)"/>
    protected async Task<RpcServer> ServeAsync(Exchanging exchange, RpcServerOptions? options = null, RpcConnectionOptions? connection = null) =>
        await ServeAsync(new Intake((_, _, _) => throw new InvalidOperationException("not expected"), exchange), options, connection);

    /// <summary>A client on a connection of its own.</summary>
    protected async Task<IIntake> CreateClientAsync(RpcConnectionOptions? connection = null) => (await ConnectAsync(connection ?? new RpcConnectionOptions())).CreateClient<IIntake>(ClientOptions);

    /// <summary>Reads everything.</summary>
    protected static async Task<Receipt> CountAsync(string name, IAsyncEnumerable<Parcel> parcels, CancellationToken cancellationToken)
    {
        int count = 0;
        await foreach (Parcel parcel in parcels.WithCancellation(cancellationToken))
        {
            Assert.Equal(count, parcel.Number);
            count++;
        }

        return new Receipt(count, name);
    }

    protected static Parcel Parcel(int number, int length = 0) => new(number, $"parcel {number}" + new string('x', length));

    /// <summary>So many parcels, each after a yield.</summary>
    protected static async IAsyncEnumerable<Parcel> ParcelsAsync(int count, int length = 0, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (int i = 0; i < count; i++)
        {
            await Task.Yield();
            cancellationToken.ThrowIfCancellationRequested();
            yield return Parcel(i, length);
        }
    }

    private async Task<RpcServer> ServeAsync(Intake intake, RpcServerOptions? options, RpcConnectionOptions? connection) =>
        await (await ConnectAsync(connection ?? new RpcConnectionOptions())).ServeAsync<IIntake>(intake, new RpcServerOptions(options ?? ServerOptions) { Queue = Queue }, Cancel);

    /// <summary>A source that the test feeds, and that tells what becomes of it. It fails if its enumerator is misused.</summary>
    protected sealed class ParcelSource : IAsyncEnumerable<Parcel>
    {
        private readonly Channel<Parcel> _parcels = Channel.CreateUnbounded<Parcel>();
        private readonly TaskCompletionSource _tokenFired = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _runs;
        private int _taken;
        private int _disposals;

        /// <summary>Completes when the token of the enumeration has fired.</summary>
        public Task TokenFired => _tokenFired.Task;

        /// <summary>Completes when the enumerator is disposed.</summary>
        public Task Disposed => _disposed.Task;

        public int Runs => Volatile.Read(ref _runs);

        public int Disposals => Volatile.Read(ref _disposals);

        /// <summary>How many parcels were taken from the source.</summary>
        public int Taken => Volatile.Read(ref _taken);

        /// <summary>What the enumerator was misused for.</summary>
        public ConcurrentQueue<string> Misuses { get; } = new();

        public void Write(params int[] numbers) => Array.ForEach(numbers, number => Assert.True(_parcels.Writer.TryWrite(Parcel(number))));

        public void Write(Parcel parcel) => Assert.True(_parcels.Writer.TryWrite(parcel));

        public void End(Exception? exception = null) => _parcels.Writer.TryComplete(exception);

        public IAsyncEnumerator<Parcel> GetAsyncEnumerator(CancellationToken cancellationToken = default)
        {
            Interlocked.Increment(ref _runs);
            cancellationToken.Register(() => _tokenFired.TrySetResult());
            return new Enumerator(this, cancellationToken);
        }

        private sealed class Enumerator(ParcelSource source, CancellationToken cancellationToken) : IAsyncEnumerator<Parcel>
        {
            private int _isMoving;

            public Parcel Current { get; private set; } = null!;

            public async ValueTask<bool> MoveNextAsync()
            {
                Note(Interlocked.Exchange(ref _isMoving, 1) == 0, "moved twice at a time");
                try
                {
                    if (!await source._parcels.Reader.WaitToReadAsync(cancellationToken))
                    {
                        return false;
                    }

                    Assert.True(source._parcels.Reader.TryRead(out Parcel? parcel));
                    Current = parcel;
                    Interlocked.Increment(ref source._taken);
                    return true;
                }
                finally
                {
                    Volatile.Write(ref _isMoving, 0);
                }
            }

            public ValueTask DisposeAsync()
            {
                Note(Volatile.Read(ref _isMoving) == 0, "disposed while it was moved");
                Note(Interlocked.Increment(ref source._disposals) == source.Runs, "disposed twice");
                source._disposed.TrySetResult();
                return default;
            }

            private void Note(bool isFine, string misuse)
            {
                if (!isFine)
                {
                    source.Misuses.Enqueue(misuse);
                }
            }
        }
    }
}
