using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <summary>Calls one method of one client: checks and writes the arguments on the caller's thread, then hands the call over.</summary>
internal sealed partial class MethodCaller<TService, TArguments, TResult> : RpcCaller<TArguments, TResult>
    where TService : class
    where TArguments : struct
{
    private readonly CallSession _session;
    private readonly RpcMethod<TService, TArguments, TResult> _method;
    private readonly ServiceAddress _service;
    private readonly TimeSpan _timeout;
    private readonly bool _failFast;
    private readonly BatchedMethod? _batched;
    private readonly CallPool<TResult> _pool;
    private readonly CallLabel _label;

    public MethodCaller(
        CallSession session,
        RpcMethod<TService, TArguments, TResult> method,
        ServiceAddress service,
        string contract,
        TimeSpan timeout,
        bool failFast,
        bool mayShare,
        IReadOnlyList<IRpcClientInterceptor> interceptors)
    {
        _session = session;
        _method = method;
        _service = service;
        _timeout = timeout;
        _failFast = failFast;
        _batched = mayShare && session.MaxMessageBytes >= CallLane.LeastMessageBytes && method is { CanBatch: true, IsOneWay: false, IsDurable: false } && service.BodyStyle != RpcBodyStyle.Bare
            ? new BatchedMethod(method.Name, session.GetLane(service.Queue, method.IsAtMostOnce))
            : null;
        _pool = session.GetPool<TResult>();
        _pipeline = ClientPipeline.Build<TArguments, TResult>(interceptors, CallNextAsync);
        _label = new CallLabel(contract, method.Name, service.Queue);
    }

    public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        _pipeline is null
            ? CallCoreAsync(settings, in arguments, cancellationToken)
            : InterceptAsync(_pipeline, settings, arguments, cancellationToken);

    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        _pipeline is null
            ? CallVoidCoreAsync(settings, in arguments, cancellationToken)
            : InterceptVoidAsync(_pipeline, settings, arguments, cancellationToken);

    private ValueTask<TResult> CallCoreAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled<TResult>(cancellationToken);
        }

        try
        {
            return Start(settings, in arguments, cancellationToken).Task;
        }
#pragma warning disable CA1031 // A call that can't start fails as its task, like every other.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException<TResult>(e);
        }
    }

    private ValueTask CallVoidCoreAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            return _method.IsOneWay
                ? SendAsync(settings, in arguments, cancellationToken)
                : Start(settings, in arguments, cancellationToken).VoidTask;
        }
#pragma warning disable CA1031 // As above.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    private PendingCall<TResult> Start(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        TimeSpan timeout = settings.Timeout ?? _timeout;
        long deadline = _session.GetDeadline(_method, ref timeout);
        Check(in arguments);

        PendingCall<TResult> call = _pool.Rent();
        try
        {
            Write(call.Body, in arguments);
        }
        catch
        {
            call.Body.Reset();
            _pool.Return(call);
            throw;
        }

        byte priority = settings.Priority ?? _method.Priority;
        long generation = call.Begin(_method, _service, timeout, deadline, priority == 0 ? _batched : null);
        try
        {
            Prepare(call, settings, priority, cancellationToken);
            _session.Submit(call, generation, settings.FailFast ?? _failFast);
            return call;
        }
        catch
        {
            call.Discard(generation); // a listener's failure, or a clock's
            throw;
        }
    }

    private void Prepare(PendingCall<TResult> call, RpcCallOptions settings, byte priority, CancellationToken cancellationToken)
    {
        call.Priority = priority;
        call.Headers = settings.Metadata?.ToHeaders();
        if (settings.ReplyMetadata is { } reply)
        {
            reply.Clear();
            call.ReplyMetadata = reply;
        }

        if (ClientObservation.Begin(_label, _session.Environment.Time) is { } observation)
        {
            Observe(call, observation);
        }

        call.WatchDeadline();
        call.WatchCancellation(cancellationToken);
    }

    private static void Observe(PendingCall<TResult> call, ClientObservation observation)
    {
        call.Observation = observation;
        if (observation.Traced is { } span)
        {
            call.TraceParent = TraceContext.TraceParent(span);
            call.Headers = TraceContext.AddTo(call.Headers, span);
        }
    }

    private void Check(in TArguments arguments)
    {
        RpcValidation validation = RpcValidation.Rent();
        _method.Validate(in arguments, validation);
        validation.ThrowIfInvalid();
    }

    private void Write(PooledBuffer body, in TArguments arguments)
    {
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        try
        {
            _method.WriteArguments(writer, in arguments);
            writer.Flush();
        }
        catch (Exception e) when ((e is JsonException or InvalidOperationException) && writer.CurrentDepth >= JsonLimits.MaxDepth)
        {
            // Types without rules are not walked before: here it shows that one contains itself.
            throw new RpcValidationException(new Dictionary<string, string[]>
            {
                ["$"] = [$"The arguments are nested deeper than {JsonLimits.MaxDepth} levels, or contain themselves."],
            });
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException or ArgumentException)
        {
            throw new RpcProtocolException($"The arguments of '{_method.Name}' can't be written as JSON: {e.Message}", e);
        }

        JsonWriters.Return(writer);
        if (body.Length > _session.MaxMessageBytes)
        {
            throw new RpcProtocolException(
                $"The request '{_method.Name}' has {body.Length} bytes, more than the limit of {_session.MaxMessageBytes} (RpcConnectionOptions.MaxMessageBytes). It was not sent.");
        }
    }
}
