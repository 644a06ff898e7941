using System.Diagnostics;
using RpcGen.Client.Calls;
using RpcGen.Client.OneWay;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Calls one method without a reply: checks and writes the arguments on the caller's thread, then sends the request. Thread-safe.</summary>
internal sealed class OneWayInvoker<TService, TArguments, TResult>(CallSession session, RpcMethod<TService, TArguments, TResult> method, MethodSettings settings)
    : RpcCaller<TArguments, TResult>
    where TService : class
    where TArguments : struct
{
    private readonly RequestWriter<TService, TArguments, TResult> _writer = new(method, settings.Route, session);

    /// <inheritdoc/>
    /// <remarks>One-way methods have no result.</remarks>
    public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        throw new NotSupportedException($"'{method.Name}' is one-way and has no result.");

    /// <inheritdoc/>
    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return ValueTask.FromCanceled(cancellationToken);
        }

        try
        {
            return Send(settings, in arguments, cancellationToken);
        }
#pragma warning disable CA1031 // A call that cannot start fails through its task, like every other call.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return ValueTask.FromException(e);
        }
    }

    private ValueTask Send(RpcCallOptions options, in TArguments arguments, CancellationToken cancellationToken)
    {
        OneWayRequest request = CreateRequest(options);
        request.Body = Write(in arguments, request.Id);
        request.Whole = options.Observation as ClientObservation;
        options.ReplyMetadata?.Clear();
        bool failFast = options.FailFast ?? settings.FailFast;
        settings.Quota?.Enter(method.Name, settings.Route.Queue);
        return settings.Quota is { } quota ? SendCountedAsync(request, failFast, quota, cancellationToken) : Send(request, failFast, cancellationToken);
    }

    private async ValueTask SendCountedAsync(OneWayRequest request, bool failFast, CallQuota quota, CancellationToken cancellationToken)
    {
        try
        {
            await Send(request, failFast, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            quota.Leave();
        }
    }

    private ValueTask Send(OneWayRequest request, bool failFast, CancellationToken cancellationToken)
    {
        ClientObservation? observation = request.Whole is { } whole
            ? whole.BeginAttempt()
            : ClientObservation.Begin(settings.Label, session.Environment.Time, session.Environment.CallLog);
        return observation is not null
            ? SendObservedAsync(request, observation, failFast, cancellationToken)
            : session.OneWay.SendAsync(request, failFast, cancellationToken);
    }

    private OneWayRequest CreateRequest(RpcCallOptions options)
    {
        CorrelationId id = session.CreateOneWayId();
        TimeProvider time = session.Environment.Time;
        var deadline = CallDeadline.Start(options.Timeout ?? settings.Timeout, time, time.GetTimestamp(), out string? expired);
        if (expired is not null)
        {
            throw CallExceptions.HandlerExpired(new CallIdentity(method.Name, id.ToString(), settings.Route.Queue), expired);
        }

        return new OneWayRequest(method, settings.Route, id, deadline.Timeout)
        {
            Label = settings.Label,
            Priority = options.Priority ?? method.Priority,
            SendsUser = session.Settings.SendsUser,
            Headers = options.Metadata?.ToHeaders(),
        };
    }

    /// <summary>Writes into an array of its own: a request is kept as long as attempts go on.</summary>
    private byte[] Write(in TArguments arguments, CorrelationId id)
    {
        var body = new PooledBuffer();
        try
        {
            _writer.Write(in arguments, body, id);
            return body.Written.ToArray();
        }
        finally
        {
            body.Release();
        }
    }

    private async ValueTask SendObservedAsync(OneWayRequest request, ClientObservation observation, bool failFast, CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            if (observation.Traced is { } traced)
            {
                request.TraceParent = TraceContext.TraceParent(traced);
                request.Headers = TraceContext.AddTo(request.Headers, traced);
            }

            Activity.Current = observation.Span ?? Activity.Current; // for this method and what it calls
            await session.OneWay.SendAsync(request, failFast, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            observation.Attempts = request.Attempts;
            observation.Peer = session.Link?.Peer;
            observation.End(failure, request.Id.ToString(), isRemote: session.Link?.Host is not null);
        }
    }
}
