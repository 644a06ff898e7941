using System.Runtime.CompilerServices;
using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Server;

/// <summary>One method as a server runs it, its types hidden.</summary>
internal abstract class MethodHandler(RpcMethod method)
{
    public RpcMethod Method { get; } = method;

    /// <summary>What telemetry calls it; set by the server that it is for.</summary>
    public CallLabel? Label { get; set; }

    /// <summary>
    /// Reads and checks the arguments, starts the call, runs the method, and writes its result into <see cref="ServerCall.Reply"/>.
    /// Does nothing more where the call can't start.
    /// </summary>
    /// <exception cref="RpcProtocolException">Before the start: the body is no JSON, or not of a request's form.</exception>
    /// <exception cref="RpcValidationException">Before the start: the arguments break the contract.</exception>
    public abstract ValueTask RunAsync(ServerCall call);
}

/// <summary>One method as a server runs it.</summary>
internal sealed class MethodHandler<TService, TArguments, TResult>(
    RpcMethod<TService, TArguments, TResult> method, ServiceSource<TService> services, IReadOnlyList<IRpcServerInterceptor> interceptors, string queue) : MethodHandler(method)
    where TService : class
    where TArguments : struct
{
    private readonly RpcServerNext<TArguments, TResult>? _pipeline = ServerPipeline.Build<TArguments, TResult>(
        interceptors, call => method.InvokeAsync(((ServiceLease<TService>)call.Target!).GetService(), call.Arguments, method.IsCancellable ? call.CancellationToken : default));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask RunAsync(ServerCall call)
    {
        TArguments arguments = Read(call.Body.Span);
        if (!call.TryStart(Method, out CancellationToken cancellationToken))
        {
            return;
        }

        if (!services.TryRent(out ServiceLease<TService> lease))
        {
            throw Refuse(call);
        }

        try
        {
            Write(call, await InvokeAsync(lease, arguments, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            await lease.EndAsync().ConfigureAwait(false); // after the result is written: it may be read only then
        }
    }

    /// <summary>Nothing is left that could run it: the broker gives it to another server, unless it must not run a second time.</summary>
    private Exception Refuse(ServerCall call)
    {
        if (Method.IsAtMostOnce)
        {
            return new InvalidOperationException("The server's services are gone: its process ends.");
        }

        call.Abandon();
        return new OperationCanceledException();
    }

    private void Write(ServerCall call, TResult result)
    {
        if (method.ResultType is not { } type)
        {
            return;
        }

        try
        {
            Utf8JsonWriter writer = JsonWriters.Rent(call.Reply);
            JsonSerializer.Serialize(writer, result, type);
            writer.Flush();
            JsonWriters.Return(writer);
        }
#pragma warning disable CA1031 // Getters and converters are the user's: whatever they throw, the caller must hear of it.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new ResultNotSerializableException(typeof(TResult), e);
        }
    }

    /// <summary>Runs the method, by way of the interceptors: what runs it is made after them.</summary>
    private ValueTask<TResult> InvokeAsync(ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken) => _pipeline is null
        ? method.InvokeAsync(lease.GetService(), arguments, cancellationToken)
        : _pipeline(new RpcServerCall<TArguments>(method, queue, RpcCallContext.Current!, arguments) { Target = lease });

    private TArguments Read(ReadOnlySpan<byte> body)
    {
        RpcValidation validation = RpcValidation.Rent();
        TArguments arguments;
        try
        {
            var reader = new RpcArgumentReader(body, JsonLimits.MaxDepth, validation);
            arguments = method.ReadArguments(ref reader);
            reader.ReadToEnd();
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is no Unicode
        {
            throw new RpcProtocolException($"The request's body is not JSON: {e.Message}", e);
        }

        method.Validate(in arguments, validation);
        validation.ThrowIfInvalid();
        return arguments;
    }
}

/// <summary>A handler's result could not be written.</summary>
internal sealed class ResultNotSerializableException(Type type, Exception innerException)
    : Exception($"The result of type {type} can't be written as JSON: {innerException.Message}", innerException);
