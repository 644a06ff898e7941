using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client;

/// <content>The same for a method that nobody waits for an answer of.</content>
internal sealed partial class MethodCaller<TService, TArguments, TResult>
{
    private ValueTask SendAsync(RpcCallSettings settings, in TArguments arguments, CancellationToken cancellationToken)
    {
        TimeSpan timeout = settings.Timeout ?? _timeout;
        _session.GetDeadline(_method, ref timeout);
        Check(in arguments);

        var body = new PooledBuffer();
        try
        {
            Write(body, in arguments);
            OneWayRequest request = _session.CreateOneWay(_method, _service, settings.Priority ?? _method.Priority, body.Written.ToArray(), timeout);
            return _session.OneWay.SendAsync(request, settings.FailFast ?? _failFast, cancellationToken);
        }
        finally
        {
            body.Release();
        }
    }
}
