using RpcGen.Client.Batching;
using RpcGen.Client.Calls;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// Calls one method of one client: checks and writes the arguments on the caller's thread, then submits the call to the
/// session. Thread-safe.
/// </summary>
internal sealed class CallInvoker<TService, TArguments, TResult> : RpcCaller<TArguments, TResult>
    where TService : class
    where TArguments : struct
{
    private readonly CallSession _session;
    private readonly RpcMethod<TService, TArguments, TResult> _method;
    private readonly MethodSettings _settings;
    private readonly MethodBatching? _batching;
    private readonly RequestWriter<TService, TArguments, TResult> _writer;
    private readonly ReceiverPool<TResult> _pool;

    /// <summary>Creates the invoker of a method.</summary>
    /// <param name="session">Runs the calls.</param>
    /// <param name="method">The method.</param>
    /// <param name="settings">Defaults for calls that set nothing themselves.</param>
    /// <param name="batching">How the method's calls are batched; null if they are not.</param>
    public CallInvoker(CallSession session, RpcMethod<TService, TArguments, TResult> method, MethodSettings settings, MethodBatching? batching)
    {
        _session = session;
        _method = method;
        _settings = settings;
        _batching = batching;
        _writer = new RequestWriter<TService, TArguments, TResult>(method, settings.Route, session);
        _pool = session.GetPool<TResult>();
    }

    /// <summary>Starts a call whose id the caller needs. Throws if the call cannot start.</summary>
    public ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, out CorrelationId id, CancellationToken cancellationToken)
    {
        ResultReceiver<TResult> receiver = Start(settings, in arguments, cancellationToken);
        id = receiver.Call.Id; // the object stays in this use until its task is awaited
        return receiver.Task;
    }

    /// <inheritdoc/>
    public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        }

        try
        {
            return Start(settings, in arguments, cancellationToken).Task;
        }
#pragma warning disable CA1031 // A call that cannot start fails through its task, like every other call.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<TResult>(e);
        }
    }

    /// <inheritdoc/>
    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            return Start(settings, in arguments, cancellationToken).VoidTask;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    private ResultReceiver<TResult> Start(RpcCallOptions options, in TArguments arguments, CancellationToken cancellationToken)
    {
        byte priority = options.Priority ?? _method.Priority;
        MethodBatching? batching = priority == 0 ? _batching : null; // a batch has no priority
        long now = _session.Environment.Time.GetTimestamp();
        Admit(now);
        ResultReceiver<TResult> receiver = _pool.Rent();
        long generation = receiver.Begin(_method, _settings.Route, batching);
        PendingCall call = receiver.Call;
        call.Quota = _settings.Quota;
        call.Throttle = _settings.Throttle;
        call.Confirms = _settings.Confirms;
        try
        {
            CallDeadline deadline = StartDeadline(call, options, now);
            _writer.Write(in arguments, call.Body, call.Id);
            Prepare(call, options, priority);

            // Not earlier: a timer that was armed for an earlier use could end the call while this thread may still abandon it.
            call.SetDeadline(deadline);
            call.WatchDeadline();
            call.WatchCancellation(cancellationToken);
            _session.Submit(call, generation, options.FailFast ?? _settings.FailFast, batching);
            return receiver;
        }
        catch
        {
            call.Abandon(generation);
            throw;
        }
    }

    /// <exception cref="RpcUnavailableException">The queue's servers are overloaded, or too many calls wait for their outcome.</exception>
    private void Admit(long now)
    {
        if (_settings.Throttle is { } throttle && throttle.Refuses(now, _session.Environment.Random))
        {
            throw CallExceptions.Throttled(_method.Name, _settings.Route.Queue, throttle.RetryAfter);
        }

        _settings.Quota?.Enter(_method.Name, _settings.Route.Queue);
    }

    private CallDeadline StartDeadline(PendingCall call, RpcCallOptions options, long now)
    {
        var deadline = CallDeadline.Start(options.Timeout ?? _settings.Timeout, _session.Environment.Time, now, out string? expired);
        return expired is null ? deadline : throw CallExceptions.HandlerExpired(call.Identity, expired);
    }

    /// <summary>Starts to observe the call, or an attempt of a call with interceptors.</summary>
    private ClientObservation? Observe(RpcCallOptions options) => options.Observation is ClientObservation whole
        ? whole.BeginAttempt()
        : ClientObservation.Begin(_settings.Label, _session.Environment.Time, _session.Environment.CallLog);

    private void Prepare(PendingCall call, RpcCallOptions options, byte priority)
    {
        call.Label = _settings.Label;
        call.Priority = priority;
        call.Headers = options.Metadata?.ToHeaders();
        if (options.ReplyMetadata is { } replyMetadata)
        {
            replyMetadata.Clear();
            call.ReplyMetadata = replyMetadata;
        }

        if (Observe(options) is { } observation)
        {
            call.Observation = observation;
            if (observation.Traced is { } span)
            {
                call.TraceParent = TraceContext.TraceParent(span);
                call.Headers = TraceContext.AddTo(call.Headers, span);
            }
        }
    }
}
