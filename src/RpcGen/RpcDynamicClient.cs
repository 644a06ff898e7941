using RpcGen.Client;
using RpcGen.Client.Dynamic;
using RpcGen.Generated;

namespace RpcGen;

/// <summary>
/// Calls a service by JSON, without its contract: see <see cref="RpcConnection.CreateDynamicClient"/>. Calls have time limits,
/// cancellation and telemetry like those of other clients. Thread-safe; needs no disposal.
/// </summary>
public sealed class RpcDynamicClient
{
    private static readonly RpcDynamicCallOptions Default = new();

    private readonly ClientBinder _binder;
    private readonly DynamicCallers<ReadOnlyMemory<byte>> _callers;
    private readonly DynamicCallers<RpcVoid> _senders;
    private readonly RpcItems<ReadOnlyMemory<byte>> _items;

    internal RpcDynamicClient(string queue, ClientBinder binder)
    {
        Queue = queue;
        _binder = binder;
        _callers = new DynamicCallers<ReadOnlyMemory<byte>>(binder);
        _senders = new DynamicCallers<RpcVoid>(binder);
        _items = DynamicStreams.CreateItems(binder.Json);
    }

    /// <summary>The request queue.</summary>
    public string Queue { get; }

    /// <summary>Calls a method that returns one result or none.</summary>
    /// <param name="method">The method's name on the wire, such as <c>Place</c>.</param>
    /// <param name="arguments">A JSON object in UTF-8 with one member for each parameter, without those that are streams or take progress. It must not change until the call ends.</param>
    /// <param name="options">What the method promises, settings of the call, and its streams. Default: none.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The result as JSON, in memory of its own. Empty for a method without a result.</returns>
    /// <exception cref="ArgumentException">The name, the arguments or the streams cannot be sent.</exception>
    /// <exception cref="RpcException">The call failed, as for other clients. Declared faults are <see cref="RpcRemoteException"/> with code and data.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ReadOnlyMemory<byte>> CallAsync(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Default;
        Check(method, arguments, options);
        RpcCaller<ValueTuple<ReadOnlyMemory<byte>>, ReadOnlyMemory<byte>> caller = CreateStreams(options) is { } streams
            ? _binder.Bind(new DynamicMethod<ReadOnlyMemory<byte>>(_binder.Json, method, PromisesOf(options), streams: streams))
            : _callers.Get(method, PromisesOf(options));
        return caller.CallAsync(options.Call, new(arguments), cancellationToken).AsTask();
    }

    /// <summary>Sends a request of a one-way method. Completes when the broker has confirmed it.</summary>
    /// <inheritdoc cref="CallAsync"/>
    /// <returns>A task that completes with the broker's confirm.</returns>
    public Task SendAsync(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Default;
        Check(method, arguments, options);
        if (CreateStreams(options) is not null)
        {
            throw new ArgumentException("A one-way method has neither streams nor progress.", nameof(options));
        }

        return _senders.Get(method, PromisesOf(options)).CallVoidAsync(options.Call, new(arguments), cancellationToken).AsTask();
    }

    /// <summary>Calls a method that returns a stream of items. Each enumeration is a call of its own, which starts with the first read, as for other clients.</summary>
    /// <inheritdoc cref="CallAsync"/>
    /// <returns>The items as JSON, each in memory of its own.</returns>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> StreamAsync(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Default;
        DynamicStreams? streams = CheckStream(method, arguments, options);
        return _binder.BindStream(new DynamicMethod<IAsyncEnumerable<ReadOnlyMemory<byte>>>(_binder.Json, method, PromisesOf(options), _items, streams))
            .Stream(options.Call, new(arguments), cancellationToken);
    }

    /// <summary>Calls a method that returns a stream of bytes. Completes when the server has opened it.</summary>
    /// <inheritdoc cref="CallAsync"/>
    /// <returns>The bytes. They can be read once and forward only. Disposing the stream before its end ends the transfer.</returns>
    public Task<Stream> DownloadAsync(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Default;
        DynamicStreams? streams = CheckStream(method, arguments, options);
        return _binder.Bind(new DynamicMethod<Stream>(_binder.Json, method, PromisesOf(options), new RpcByteItems(_binder.Json), streams))
            .CallAsync(options.Call, new(arguments), cancellationToken).AsTask();
    }

    private DynamicStreams? CheckStream(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions options)
    {
        Check(method, arguments, options);
        return options.Progress.Count == 0
            ? CreateStreams(options)
            : throw new ArgumentException("A method that returns a stream has no progress.", nameof(options));
    }

    /// <summary>The streams of a call; null if it has none.</summary>
    private DynamicStreams? CreateStreams(RpcDynamicCallOptions options)
    {
        if (options.Streams.Count + options.ByteStreams.Count + options.Progress.Count == 0)
        {
            return null;
        }

        var streams = new DynamicStreams(_binder.Json, _items);
        streams.Add(options.Streams);
        streams.Add(options.ByteStreams);
        streams.Add(options.Progress);
        return streams;
    }

    private static DynamicPromises PromisesOf(RpcDynamicCallOptions options) => new(options.Delivery, options.IsDurable);

    private static void Check(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions options)
    {
        DynamicArguments.ThrowIfNoMethod(method);
        DynamicArguments.ThrowIfNoObject(arguments.Span);
        RpcTimeouts.ThrowIfInvalid(options.Call.Timeout, nameof(options));
    }
}
