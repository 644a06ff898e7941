using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Introspection;
using RpcGen.Server.Settings;
using RpcGen.Server.Watching;

namespace RpcGen.Server.Running;

/// <summary>Handles messages whose type starts with <c>$</c>: batches and questions. The bare style knows none of them, and a batch holds only calls.</summary>
internal sealed class ReservedRequests(ServerSettings settings, ServiceDescriber describer, DescriptionAccess? access, CallFaults failures, OverloadGuard overload, CallWatches watches, RpcEnvironment environment)
{
    /// <summary>Handles a message up to its outcome.</summary>
    public ValueTask<CallOutcome> HandleAsync(ServerCall call)
    {
        bool isKnown = settings.BodyStyle != RpcBodyStyle.Bare && !call.IsBatched;
        if (isKnown && call.Kind == MessageKind.Batch)
        {
            return new(overload.Refuses(call, durations: null, out TimeSpan retryAfter) ? failures.RefuseOverload(call, retryAfter) : CallOutcome.Opened);
        }

        return isKnown && MessageKinds.IsQuestion(call.Kind)
            ? AnswerAsync(call)
            : new(failures.Refuse(call, FaultCodes.Unsupported, $"This server does not understand messages of type '{call.Type}'."));
    }

    private async ValueTask<CallOutcome> AnswerAsync(ServerCall call)
    {
        if (!TryGetDeadline(call))
        {
            return failures.DropLate(call);
        }

        if (call.Kind != MessageKind.Ping && access is not null)
        {
            if (await CheckAsync(access, call).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }

            if (!TryGetDeadline(call))
            {
                return failures.DropLate(call);
            }
        }

        if (call.Kind == MessageKind.Watch && Watch(call) is { } refused)
        {
            return refused;
        }

        describer.Answer(call.Kind, call.Reply);
        return CallOutcome.Replied;
    }

    /// <summary>Starts or renews a watch: null if that is possible.</summary>
    private CallOutcome? Watch(ServerCall call)
    {
        if (call.WatchLifetime is not { } lifetime)
        {
            return failures.Refuse(call, FaultCodes.Unsupported, $"Send {WireNames.Watch} to the exchange '{settings.QueueName}{WireNames.CancelExchangeSuffix}' or '{WireNames.ServicesExchange}'. Through a queue, it would reach one of the instances only.");
        }

        if (call.Delivery.BodyLength > WatchFilters.MaxBytes || WatchFilters.TryRead(call.Body) is not { } filter)
        {
            return failures.Refuse(call, FaultCodes.Protocol, $"The body of {WireNames.Watch} must be empty, or a JSON object of at most {WatchFilters.MaxBytes} bytes that says which calls to watch.");
        }

        return watches.TryAdd(call.Delivery.ReplyTo!, call.Id, filter, lifetime)
            ? null
            : failures.Refuse(call, FaultCodes.Overloaded, $"The instance is stopping, or {CallWatches.MaxWatches} others watch it already.");
    }

    /// <summary>Whether the caller can have the answer: null if so.</summary>
    private async ValueTask<CallOutcome?> CheckAsync(DescriptionAccess access, ServerCall call)
    {
        try
        {
            await access.AdmitAsync(call).ConfigureAwait(false);
            return null;
        }
#pragma warning disable CA1031 // Every exception of the user's checks becomes a fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return failures.FromException(call, access.QuestionOf(call.Kind), e);
        }
    }

    /// <summary>Sets the deadline of a question. False if it has passed.</summary>
    private bool TryGetDeadline(ServerCall call)
    {
        bool isInTime = RequestBudget.TryGetDeadline(call, RpcTimeouts.Default, settings.MaxTimeout, environment.Time, out long deadline);
        call.Deadline = deadline;
        return isInTime;
    }
}
