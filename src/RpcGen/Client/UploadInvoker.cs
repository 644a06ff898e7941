using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Client.Streaming;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Runtime;
using RpcGen.Streams;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>
/// Calls one method that takes streams or progress and returns one result. A call ends when the result is here, the enumerators of its sources are
/// disposed, and all progress is passed on. Thread-safe.
/// </summary>
internal sealed class UploadInvoker<TService, TArguments, TResult> : RpcCaller<TArguments, TResult>
    where TService : class
    where TArguments : struct
{
    private readonly CallSession _session;
    private readonly StreamLinks _links;
    private readonly RpcMethod<TService, TArguments, TResult> _method;
    private readonly MethodSettings _settings;
    private readonly RpcItems _limits;
    private readonly bool _canRepeat;
    private readonly StreamRequests<TService, TArguments, TResult> _requests;
    private readonly StreamOpener<ClientUpload<TResult>> _opener;

    /// <param name="session">The calls of the connection.</param>
    /// <param name="links">The streams of the connection.</param>
    /// <param name="method">The method.</param>
    /// <param name="settings">Defaults for calls that set nothing themselves.</param>
    public UploadInvoker(CallSession session, StreamLinks links, RpcMethod<TService, TArguments, TResult> method, MethodSettings settings)
    {
        _session = session;
        _links = links;
        _method = method;
        _settings = settings;
        _limits = method.Parameters.First(static parameter => !parameter.IsInBody).StreamItems!;
        _canRepeat = method.IsIdempotent && !method.Parameters.Any(static parameter => parameter.IsStream);
        _requests = new StreamRequests<TService, TArguments, TResult>(session, method, settings);
        _opener = new StreamOpener<ClientUpload<TResult>>(session, links, method, _limits, settings, Create);
    }

    private TimeProvider Time => _session.Environment.Time;

    /// <inheritdoc/>
    public override ValueTask<TResult> CallAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        new(RunAsync(settings, arguments, cancellationToken));

    /// <inheritdoc/>
    public override ValueTask CallVoidAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken) =>
        new(RunAsync(settings, arguments, cancellationToken));

    private ClientUpload<TResult> Create(StreamRequest request, StreamLink link, StreamExceptions failures) =>
        new(request.Id, link, _method, request.Identity, failures, Read)
        {
            ReplyMetadata = request.ReplyMetadata,
            IsNested = request.IsNested,
            HasEarlierAttempts = request.Attempts > 0,
        };

    private async Task<TResult> RunAsync(RpcCallOptions options, TArguments arguments, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isNested = RpcCallContext.Current is not null;
        if (_links.IsClosing && !isNested)
        {
            throw CallExceptions.ConnectionDisposed();
        }

        CorrelationId id = _session.CreateOneWayId();
        ClientObservation? observation = null;
        ClientUpload<TResult>? call = null;
        _settings.Quota?.Enter(_method.Name, _settings.Route.Queue);
        try
        {
            StreamRequest request = _requests.Create(id, options, arguments, isNested);
            observation = options.Observation is ClientObservation whole ? whole.BeginAttempt() : ClientObservation.Begin(_settings.Label, Time, _session.Environment.CallLog);
            request = StreamRequests<TService, TArguments, TResult>.Trace(request, observation);
            while (true)
            {
                call = await _opener.OpenAsync(request, cancellationToken).ConfigureAwait(false);
                try
                {
                    TResult result = await FinishAsync(call, request.Deadline.Timeout, cancellationToken).ConfigureAwait(false);
                    End(observation, id, call, failure: null);
                    return result;
                }
                catch (RpcConnectionException e) when (CanRepeatAfter(e, call, request))
                {
                    RpcMetrics.CallsResent.Add(1, RpcMetrics.Method(_settings.Label));
                    request = _requests.Renew(request);
                }
            }
        }
        catch (Exception e)
        {
            End(observation, id, call, e);
            throw;
        }
        finally
        {
            _settings.Quota?.Leave();
        }
    }

    /// <summary>As long as nothing reached the caller, and no source was touched, the call of an idempotent method is made again.</summary>
    private bool CanRepeatAfter(RpcConnectionException exception, ClientUpload<TResult> call, StreamRequest request) =>
        _canRepeat && !exception.IsPermanent && exception.InnerException is null && !call.Uploads!.IsHeard && request.Deadline.Timestamp > Time.GetTimestamp();

    private async Task<TResult> FinishAsync(ClientUpload<TResult> call, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration registration = cancellationToken.UnsafeRegister(
            static (call, token) => ((ClientUpload<TResult>)call!).Interrupt(new OperationCanceledException(token)), call);
        using ITimer? total = StartTotal(call);
        await Task.WhenAny(call.Ended, call.Uploads!.Ended).ConfigureAwait(false);
        if (!call.Ended.IsCompleted)
        {
            using ITimer? waiting = StartTimer(timeout, () => call.Interrupt(_opener.Failures.NoResult(call.Identity, timeout)));
            call.Heard = () => waiting?.Change(timeout, Timeout.InfiniteTimeSpan);
            await call.Ended.ConfigureAwait(false);
            call.Heard = null;
        }

        await call.StopUploadsAsync().ConfigureAwait(false);
        return call.TakeResult();
    }

    private ITimer? StartTotal(ClientUpload<TResult> call) => _limits.TotalTimeoutMilliseconds == 0
        ? null
        : StartTimer(
            TimeSpan.FromMilliseconds(_limits.TotalTimeoutMilliseconds),
            () => call.Interrupt(StreamExceptions.TotalOver(call.Identity, _limits.TotalTimeoutMilliseconds, items: null)));

    private ITimer? StartTimer(TimeSpan after, Action onTime)
    {
        if (after == Timeout.InfiniteTimeSpan)
        {
            return null;
        }

        using (AmbientFlow.Suppress())
        {
            return Time.CreateTimer(static onTime => ((Action)onTime!)(), onTime, after, Timeout.InfiniteTimeSpan);
        }
    }

    private TResult Read(ReadOnlySpan<byte> body)
    {
        if (_method.HasRawResult)
        {
            return (TResult)(object)RawResult.Copy(body);
        }

        if (_method.ResultType is not { } type)
        {
            return default!; // the body of a tolerant peer is ignored
        }

        return JsonResult.Read(body, type, _method.JsonMetadata);
    }

    private static void End(ClientObservation? observation, CorrelationId id, ClientUpload<TResult>? call, Exception? failure)
    {
        if (observation is not null)
        {
            observation.Attempts = 1;
            observation.FaultCode = call?.FaultCode;
            observation.Peer = call?.Link.Peer;
            observation.End(failure, id.ToString(), isRemote: call?.Link.Host is not null);
        }
    }
}
