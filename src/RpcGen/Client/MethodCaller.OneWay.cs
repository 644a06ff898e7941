using System.Diagnostics;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <content>The same for a method that nobody waits for an answer of.</content>
internal sealed partial class MethodCaller<TService, TArguments, TResult>
{
    private ValueTask SendAsync(RpcCallOptions settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        TimeSpan timeout = settings.Timeout ?? _timeout;
        _session.GetDeadline(_method, ref timeout);
        Check(in arguments);

        var body = new PooledBuffer();
        try
        {
            Write(body, in arguments);
            OneWayRequest request = _session.CreateOneWay(_method, _service, settings.Priority ?? _method.Priority, body.Written.ToArray(), timeout);
            request.Headers = settings.Metadata?.ToHeaders();
            settings.ReplyMetadata?.Clear();
            bool failFast = settings.FailFast ?? _failFast;
            return ClientObservation.Begin(_label, _session.Environment.Time) is { } observation
                ? SendObservedAsync(request, observation, failFast, cancellationToken)
                : _session.OneWay.SendAsync(request, failFast, cancellationToken);
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

            Activity.Current = observation.Span ?? Activity.Current; // for this method, and what it calls
            await _session.OneWay.SendAsync(request, failFast, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            observation.End(failure, request.Id.ToString(), _session.Host?.Name, _session.Host?.Port ?? 0);
        }
    }
}
