using System.Runtime.CompilerServices;
using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Server.Running;

/// <summary>Runs one method of the service. The base class hides the method's types.</summary>
internal abstract class MethodHandler(RpcMethod method)
{
    /// <summary>The method.</summary>
    public RpcMethod Method { get; } = method;

    /// <summary>The method's run times.</summary>
    public DurationEstimate Durations { get; } = new();

    /// <summary>Counts the method's calls.</summary>
    public MethodCounters Counters { get; } = new();

    /// <summary>The method's name in telemetry. Set by the dispatcher that the handler belongs to.</summary>
    public CallLabel? Label { get; set; }

    /// <summary>
    /// Checks the caller, reads and checks the arguments, starts the call, runs the method, and writes the result into <see cref="ServerCall.Reply"/>.
    /// If the call cannot start any more, nothing runs and <see cref="ServerCall.HasStarted"/> stays false.
    /// </summary>
    /// <exception cref="RpcAccessDeniedException">Before the start: the caller cannot make this call.</exception>
    /// <exception cref="RpcProtocolException">Before the start: the body is not JSON, or not a request's.</exception>
    /// <exception cref="RpcValidationException">Before the start: the arguments break the contract.</exception>
    /// <exception cref="ServiceGoneException">The service is disposed, and the request must not go to another server.</exception>
    public abstract ValueTask RunAsync(ServerCall call);
}

/// <inheritdoc/>
internal class MethodHandler<TService, TArguments, TResult>(
    RpcMethod<TService, TArguments, TResult> method, ServiceSource<TService> services, IReadOnlyList<IRpcServerInterceptor> interceptors, CallerChecks checks, string queue) : MethodHandler(method)
    where TService : class
    where TArguments : struct
{
    private readonly RpcServerNext<TArguments, TResult>? _pipeline = ServerPipeline.Build<TArguments, TResult>(
        interceptors, call => InvokeHandler(method, call));

    private readonly CallAdmission? _admission = CallAdmission.For(method, checks);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask RunAsync(ServerCall call)
    {
        ServiceLease<TService>? lease = null;
        try
        {
            if (_admission is not null)
            {
                lease = BeginAdmission(call);
                await _admission.AdmitAsync(call.Context).ConfigureAwait(false);
            }

            if (!TryRead(call, out TArguments arguments) || !call.TryStart(Method, out CancellationToken cancellationToken))
            {
                return;
            }

            lease ??= Rent(call);
            Write(call.Reply, await InvokeAsync(call.Context, lease, arguments, cancellationToken).ConfigureAwait(false));
        }
        finally
        {
            if (lease is not null)
            {
                await lease.EndAsync().ConfigureAwait(false); // after the result is written: it can refer to the service's scope
            }
        }
    }

    /// <summary>Has the caller checked. Returns the service's lease that the checks use; null without checks.</summary>
    protected async ValueTask<ServiceLease<TService>?> AdmitAsync(ServerCall call)
    {
        if (_admission is null)
        {
            return null;
        }

        ServiceLease<TService> lease = BeginAdmission(call);
        try
        {
            await _admission.AdmitAsync(call.Context).ConfigureAwait(false);
            return lease;
        }
        catch
        {
            await lease.EndAsync().ConfigureAwait(false);
            throw;
        }
    }

    private ServiceLease<TService> BeginAdmission(ServerCall call)
    {
        RpcCallContext context = call.BeginAdmission(Method);
        ServiceLease<TService> lease = Rent(call);
        context.Scope = lease.Scope;
        return lease;
    }

    /// <summary>Leases the service for a call.</summary>
    protected ServiceLease<TService> Rent(ServerCall call) =>
        services.TryRent(out ServiceLease<TService> lease) ? lease : throw LeaveToAnotherServer(call);

    /// <summary>
    /// The service is disposed, so the process is ending. The broker gives the request to another server, unless it was
    /// acknowledged before: then its caller is told.
    /// </summary>
    private Exception LeaveToAnotherServer(ServerCall call)
    {
        if (Method.IsAtMostOnce || !call.TryAbandon())
        {
            return new ServiceGoneException();
        }

        return new OperationCanceledException();
    }

    /// <summary>Writes a result.</summary>
    /// <exception cref="ResultNotSerializableException">The result cannot be written.</exception>
    protected void Write(PooledBuffer reply, TResult result)
    {
        if (method.ResultType is not { } type)
        {
            return;
        }

        try
        {
            Utf8JsonWriter writer = JsonWriters.Rent(reply);
            JsonSerializer.Serialize(writer, result, type);
            writer.Flush();
            JsonWriters.Return(writer);
        }
#pragma warning disable CA1031 // The user's getters and converters can throw anything: the caller must get an answer.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw new ResultNotSerializableException(typeof(TResult), e);
        }
    }

    /// <summary>Runs the method, through the interceptors if there are any. The service object is created after they ran.</summary>
    protected ValueTask<TResult> InvokeAsync(RpcCallContext context, ServiceLease<TService> lease, TArguments arguments, CancellationToken cancellationToken)
    {
        if (_pipeline is not null)
        {
            return _pipeline(new RpcServerCall<TArguments>(method, queue, context, arguments) { Target = lease });
        }

        TService service = lease.GetService();
        context.IsHandlerInvoked = true;
        return method.InvokeAsync(service, arguments, cancellationToken);
    }

    private static ValueTask<TResult> InvokeHandler(RpcMethod<TService, TArguments, TResult> method, RpcServerCall<TArguments> call)
    {
        TService service = ((ServiceLease<TService>)call.Target!).GetService();
        call.Context.IsHandlerInvoked = true;
        return method.InvokeAsync(service, call.Arguments, method.IsCancellable ? call.CancellationToken : default);
    }

    /// <summary>Reads and checks the arguments. False if the deadline passed meanwhile.</summary>
    protected bool TryRead(ServerCall call, out TArguments arguments, RpcStreamReceivers? streams = null)
    {
        bool isLarge = call.Body.Length >= ReadingDeadline.LargeBytes && call.Deadline != long.MaxValue;
        ReadingDeadline? deadline = isLarge ? call.WatchReading() : null;
        RpcValidation validation = RpcValidation.Rent(Violations.TextBytesFor(call.Body.Length));
        try
        {
            var reader = new RpcArgumentReader(call.Body.Span, JsonLimits.MaxDepth, validation, deadline, streams);
            arguments = method.ReadArguments(ref reader);
            reader.ReadToEnd();
            deadline?.ThrowIfPassed();
        }
        catch (ReadingDeadlineException)
        {
            arguments = default;
            return false;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // the latter: text that is not Unicode
        {
            throw new RpcProtocolException($"The request's body is not valid JSON: {e.Message}", e);
        }

        method.Validate(in arguments, validation);
        validation.ThrowIfInvalid();
        return true;
    }
}

/// <summary>A handler's result could not be written.</summary>
internal sealed class ResultNotSerializableException(Type type, Exception innerException)
    : Exception($"The result of type {type} cannot be written as JSON: {innerException.Message}", innerException);

/// <summary>The service is disposed, so the call cannot run.</summary>
internal sealed class ServiceGoneException() : Exception("The service is disposed, because its process is ending.");
