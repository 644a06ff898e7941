using System.Text.Json;
using RpcGen.Client.Calls;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Client;

/// <summary>Checks the arguments of one method's calls and writes them as the body of the request. Thread-safe.</summary>
internal sealed class RequestWriter<TService, TArguments, TResult>(RpcMethod<TService, TArguments, TResult> method, RequestRoute route, CallSession session)
    where TService : class
    where TArguments : struct
{
    /// <summary>Writes the arguments of a call.</summary>
    /// <param name="arguments">The arguments.</param>
    /// <param name="body">An empty buffer.</param>
    /// <param name="id">The call's id, for exceptions.</param>
    /// <exception cref="RpcValidationException">The arguments break the contract.</exception>
    /// <exception cref="RpcProtocolException">The arguments cannot be checked or written as JSON, for example because a getter throws, or are too large.</exception>
    public void Write(in TArguments arguments, PooledBuffer body, CorrelationId id)
    {
        Check(in arguments, id);
        Utf8JsonWriter writer = JsonWriters.Rent(body);
        try
        {
            method.WriteArguments(writer, in arguments);
            writer.Flush();
        }
        catch (Exception e) when ((e is JsonException or InvalidOperationException) && writer.CurrentDepth >= JsonLimits.MaxDepth)
        {
            // Validation does not walk types without rules. That one of them contains itself shows only here.
            throw CallExceptions.TooDeep(Identify(id));
        }
#pragma warning disable CA1031 // Getters and converters are the user's: callers get exceptions of RpcGen only.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw CallExceptions.Unwritable(Identify(id), e);
        }

        JsonWriters.Return(writer);
        int length = body.Length;
        if (length > session.Settings.MaxMessageBytes)
        {
            throw CallExceptions.RequestTooLarge(Identify(id), length, session.Settings.MaxMessageBytes);
        }

        if (session.MessageLimit.MaxBytes is var limit && length > limit)
        {
            throw CallExceptions.TooLargeForBroker(Identify(id), length, limit, earlierAttempts: 0);
        }
    }

    private void Check(in TArguments arguments, CorrelationId id)
    {
        RpcValidation validation = RpcValidation.Rent();
        try
        {
            method.Validate(in arguments, validation);
            validation.ThrowIfInvalid();
        }
        catch (RpcValidationException e)
        {
            throw CallExceptions.Invalid(Identify(id), e.Errors); // the same, with the call
        }
#pragma warning disable CA1031 // As below. Validation attributes are the user's too.
        catch (Exception e)
#pragma warning restore CA1031
        {
            throw CallExceptions.Unchecked(Identify(id), e);
        }
    }

    private CallIdentity Identify(CorrelationId id) => new(method.Name, id.ToString(), route.Queue);
}
