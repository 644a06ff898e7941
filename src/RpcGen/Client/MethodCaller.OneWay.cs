using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <content>The same for a method that nobody waits for an answer of.</content>
internal sealed partial class MethodCaller<TService, TArguments, TResult>
{
    private ValueTask SendAsync(RpcCallSettings settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        TimeSpan timeout = settings.Timeout ?? _timeout;
        _session.GetDeadline(_method, ref timeout);
        Check(in arguments);

        OneWayRequest request;
        var body = new PooledBuffer();
        try
        {
            Write(body, in arguments);
            request = _session.CreateOneWay(_method, _service, settings.Priority ?? _method.Priority, body.Written.ToArray(), timeout);
        }
        finally
        {
            body.Release();
        }

        settings.ReplyMetadata?.Clear();
        request.Headers = settings.Metadata?.ToHeaders();
        bool failFast = settings.FailFast ?? _failFast;
        return ClientObservation.Begin(_label, _session.Environment.Time) is { } observation
            ? SendObservedAsync(request, failFast, observation, cancellationToken)
            : _session.OneWay.SendAsync(request, failFast, cancellationToken);
    }

    private async ValueTask SendObservedAsync(OneWayRequest request, bool failFast, ClientObservation observation, CancellationToken cancellationToken)
    {
        if (observation.Traced is { } span)
        {
            request.Headers = RequestHeaders.Create(TraceContext.AddTo(request.Headers, span), TraceContext.TraceParent(span));
        }

        Exception? failure = null;
        try
        {
            ValueTask sending;
            using (RpcTracing.Enter(observation.Span))
            {
                sending = _session.OneWay.SendAsync(request, failFast, cancellationToken);
            }

            await sending.ConfigureAwait(false);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            BrokerHost? host = request.Sendings > 0 ? _session.Host : null;
            observation.End(failure, request.Id.ToString(), host?.Name, host?.Port ?? 0);
        }
    }
}
