using RpcGen.Client;
using RpcGen.Client.Dynamic;

namespace RpcGen;

/// <summary>
/// Calls a service by JSON, without its contract: see <see cref="RpcConnection.CreateDynamicClient"/>. Calls have time limits,
/// cancellation and telemetry like those of other clients. Thread-safe; needs no disposal.
/// </summary>
public sealed class RpcDynamicClient
{
    private static readonly RpcDynamicCallOptions Default = new();

    private readonly DynamicCallers<ReadOnlyMemory<byte>> _callers;
    private readonly DynamicCallers<RpcVoid> _senders;

    internal RpcDynamicClient(string queue, ClientBinder binder)
    {
        Queue = queue;
        _callers = new DynamicCallers<ReadOnlyMemory<byte>>(binder);
        _senders = new DynamicCallers<RpcVoid>(binder);
    }

    /// <summary>The request queue.</summary>
    public string Queue { get; }

    /// <summary>Calls a method.</summary>
    /// <param name="method">The method's name on the wire, such as <c>Place</c>.</param>
    /// <param name="arguments">A JSON object in UTF-8 with one member for each parameter. It is copied before this method returns.</param>
    /// <param name="options">What the method promises, and settings of the call. Default: none.</param>
    /// <param name="cancellationToken">Gives the call up.</param>
    /// <returns>The result as JSON, in memory of its own. Empty for a method without a result.</returns>
    /// <exception cref="ArgumentException">The name or the arguments cannot be sent.</exception>
    /// <exception cref="RpcException">The call failed, as for other clients. Declared faults are <see cref="RpcRemoteException"/> with code and data.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public Task<ReadOnlyMemory<byte>> CallAsync(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Default;
        Check(method, arguments, options);
        return _callers.Get(method, options.Delivery, options.IsDurable).CallAsync(options.Call, new(arguments), cancellationToken).AsTask();
    }

    /// <summary>Sends a request of a one-way method. Completes when the broker has confirmed it.</summary>
    /// <inheritdoc cref="CallAsync"/>
    /// <returns>A task that completes with the broker's confirm.</returns>
    public Task SendAsync(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions? options = null, CancellationToken cancellationToken = default)
    {
        options ??= Default;
        Check(method, arguments, options);
        return _senders.Get(method, options.Delivery, options.IsDurable).CallVoidAsync(options.Call, new(arguments), cancellationToken).AsTask();
    }

    private static void Check(string method, ReadOnlyMemory<byte> arguments, RpcDynamicCallOptions options)
    {
        DynamicArguments.ThrowIfNoMethod(method);
        DynamicArguments.ThrowIfNoObject(arguments.Span);
        RpcTimeouts.ThrowIfInvalid(options.Call.Timeout, nameof(options));
    }
}
