namespace RpcGen.Client.Calls;

/// <summary>
/// Calls whose request exceeds the broker's <c>max_message_size</c>. The broker refuses such a request by closing the channel, and
/// would refuse it again, so the call ends. No other call of the channel ends because of this.
/// </summary>
internal static class OversizedCalls
{
    /// <summary>Ends a call that was sent on a link which the broker closed because a message exceeded <paramref name="limit"/>.</summary>
    /// <returns>Whether the call was too large, or has its outcome. If not, it may have been taken before the channel was closed.</returns>
    public static bool TryEndSent(PendingCall call, long generation, int limit)
    {
        if (!call.TryPin(generation))
        {
            return true; // it has its outcome
        }

        bool isTooLarge = call.Body.Length > limit;
        if (isTooLarge && call.TryCompleteSent(generation))
        {
            call.SetException(CallExceptions.TooLargeForBroker(call.Identity, call.Body.Length, limit, earlierAttempts: call.Attempts - 1));
        }

        call.Unpin();
        return isTooLarge;
    }

    /// <summary>Ends a waiting call if its request exceeds the limit that is known by now.</summary>
    /// <returns>Whether the call must not be sent.</returns>
    public static bool TryEndWaiting(PendingCall call, long generation, int limit)
    {
        if (call.Body.Length <= limit || !call.TryPin(generation))
        {
            return false;
        }

        bool isTooLarge = call.Body.Length > limit;
        if (isTooLarge && call.TryCompleteWaiting(generation))
        {
            call.SetException(CallExceptions.TooLargeForBroker(call.Identity, call.Body.Length, limit, call.Attempts));
        }

        call.Unpin();
        return isTooLarge;
    }
}
