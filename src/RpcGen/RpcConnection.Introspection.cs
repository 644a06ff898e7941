using RpcGen.Client;
using RpcGen.Client.Finding;
using RpcGen.Client.Probing;
using RpcGen.Client.Watching;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;

namespace RpcGen;

/// <content>Questions to servers, which need no contract.</content>
public sealed partial class RpcConnection
{
    /// <summary>
    /// Asks whether a server consumes a queue, without its contract. One of the servers of the queue answers, even if all of
    /// them run their maximum of calls. The question goes through the exchange that a client of the queue uses.
    /// </summary>
    /// <param name="queue">The request queue.</param>
    /// <param name="cancellationToken">Ends the wait, which is limited to 30 seconds.</param>
    /// <exception cref="RpcUnavailableException">The queue does not exist.</exception>
    /// <exception cref="RpcTimeoutException">No answer came in time. The message says what is known of the queue.</exception>
    /// <exception cref="RpcProtocolException">The server does not support such questions: it is not an RpcGen server, or uses <see cref="RpcBodyStyle.Bare"/>.</exception>
    /// <exception cref="RpcConnectionException">The connection is disposed.</exception>
    public Task<RpcPing> PingAsync(string queue, CancellationToken cancellationToken = default)
    {
        CheckQueue(queue);
        return _introspector.PingAsync(queue, cancellationToken);
    }

    /// <summary>
    /// Asks a server of a queue for its description, without its contract: methods with JSON schemas of arguments and results,
    /// version and instance. One of the servers of the queue answers, as for <see cref="PingAsync"/>.
    /// </summary>
    /// <inheritdoc cref="PingAsync"/>
    public Task<RpcServiceDescription> DescribeAsync(string queue, CancellationToken cancellationToken = default)
    {
        CheckQueue(queue);
        return _introspector.DescribeAsync(queue, cancellationToken);
    }

    /// <summary>
    /// Finds the running servers: one answer for each instance, as they come. Servers answer even if they run their maximum of calls. The
    /// search ends when 300 milliseconds have passed since the last answer. Servers of the bare style, those that are not
    /// <see cref="RpcServerOptions.Discoverable"/>, and those whose user lacks the permission for the exchange <c>rpc.services</c> are
    /// only found by their queue, or not at all.
    /// </summary>
    /// <param name="queue">The queue whose instances to find; null for all services of the virtual host.</param>
    /// <param name="window">The longest time that the search takes. Default: 2 seconds.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <exception cref="ArgumentOutOfRangeException">The window is not positive, or longer than a minute.</exception>
    /// <exception cref="RpcAccessDeniedException">The broker's user cannot write to the exchange. The message names it.</exception>
    /// <exception cref="RpcConnectionException">The connection was lost, or is disposed.</exception>
    public IAsyncEnumerable<RpcServiceInstance> FindServicesAsync(string? queue = null, TimeSpan? window = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        QueueNames.ThrowIfInvalid(queue, nameof(queue));
        TimeSpan limit = window ?? ServiceFinder.DefaultWindow;
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(limit, TimeSpan.Zero, nameof(window));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, ServiceFinder.MaxWindow, nameof(window));
        return CreateFinder().FindAsync(queue, limit, cancellationToken);
    }

    /// <summary>
    /// Asks every instance of a service what it has done since it started and what it does now: one answer for each instance, as they
    /// come. Instances answer even if they run their maximum of calls. Rates are differences of two answers of the same instance. The
    /// answers end when 300 milliseconds have passed since the last one, or after 2 seconds. Without an instance, nothing answers.
    /// </summary>
    /// <param name="queue">The request queue.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="RpcAccessDeniedException">The broker's user cannot write to the queue's exchange for cancels, or the server's <see cref="RpcServerOptions.DescriptionPolicy"/> refuses the caller.</exception>
    /// <exception cref="RpcConnectionException">The connection was lost, or is disposed.</exception>
    public IAsyncEnumerable<RpcServiceStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken = default)
    {
        CheckQueue(queue);
        return CreateFinder().GetStatisticsAsync(queue, cancellationToken);
    }

    /// <summary>
    /// Asks the broker how many requests wait in a queue: those that it has given to no server. Asks at most once a second for each queue, and
    /// returns its last answer in between.
    /// </summary>
    /// <param name="queue">The request queue.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The number; null if the queue does not exist, or if the broker has not answered within 5 seconds.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<long?> GetQueueDepthAsync(string queue, CancellationToken cancellationToken = default)
    {
        CheckQueue(queue);
        QueueReport report = await _calls.Probe.InspectAsync(queue).WaitAsync(cancellationToken).ConfigureAwait(false);
        return report is { IsKnown: true, Exists: true } ? report.State.ReadyMessages : null;
    }

    /// <summary>Creates a client that calls a service by JSON, without its contract. It needs no disposal.</summary>
    /// <param name="queue">The request queue.</param>
    /// <param name="options">Settings of the client. The queue replaces <see cref="RpcClientOptions.Queue"/>.</param>
    /// <exception cref="ArgumentException">An option is invalid.</exception>
    public RpcDynamicClient CreateDynamicClient(string queue, RpcClientOptions? options = null)
    {
        CheckQueue(queue);
        options = new RpcClientOptions(options ?? new RpcClientOptions()) { Queue = queue };
        options.Validate();
        QueueNames.ThrowIfTooLong(queue, RpcBodyStyle.Object, nameof(queue));
        _introspector.NoteExchange(queue, options.Exchange);
        var contract = new RpcContract(queue);
        return new RpcDynamicClient(queue, new ClientBinder(_calls, contract, options.ToSettings(_options), RpcJsonFactory.Create([], contract)) { Streams = Streams });
    }

    /// <summary>
    /// Watches calls of running servers: one event for each call that ends, without arguments and results. The watch has begun when the task
    /// completes. Servers in the bare style cannot be watched.
    /// </summary>
    /// <param name="queue">The queue whose instances are watched; null for all services of the virtual host.</param>
    /// <param name="filter">Which calls are watched. Default: all.</param>
    /// <param name="cancellationToken">Ends the wait for the first answers, which takes 2 seconds at most.</param>
    /// <exception cref="RpcAccessDeniedException">The broker's user cannot write to the exchange, or <see cref="RpcServerOptions.DescriptionPolicy"/> of all instances refuses the caller.</exception>
    /// <exception cref="RpcUnavailableException">8 others watch the instances already, or they are stopping.</exception>
    /// <exception cref="RpcConnectionException">The connection was lost, or is disposed.</exception>
    public async Task<RpcCallWatch> WatchAsync(string? queue = null, RpcWatchFilter? filter = null, CancellationToken cancellationToken = default)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        QueueNames.ThrowIfInvalid(queue, nameof(queue));
        var watcher = new CallWatcher(new InstanceAsker(_callConnections, _calls.Settings, _environment), queue, filter ?? new RpcWatchFilter(), _calls.Settings, _environment.Time);
        try
        {
            await watcher.StartAsync(cancellationToken).ConfigureAwait(false);
            return new RpcCallWatch(watcher);
        }
        catch
        {
            await watcher.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ServiceFinder CreateFinder() => new(_callConnections, _calls.Settings, _environment);

    private void CheckQueue(string queue)
    {
        ArgumentNullException.ThrowIfNull(queue);
        QueueNames.ThrowIfInvalid(queue, nameof(queue));
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
    }
}
