using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Server.Settings;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// Gives up calls whose request has been held for almost as long as the broker allows: their tokens fire, their callers are told,
/// and their requests are acknowledged. Otherwise the broker would close the channel, and every call on it would run again.
/// Handlers that ignore their tokens keep their places. Before that, calls become long, if their callers can wait for long ones. Thread-safe.
/// </summary>
internal sealed class HeldCalls : IDisposable
{
    private readonly ServerSettings _settings;
    private readonly ConsumerLimit _limit;
    private readonly CallScheduler _scheduler;
    private readonly AckTracker _acks;
    private readonly RpcEnvironment _environment;
    private readonly EarliestDeadline _ends;
    private readonly LongCallStart? _long;

    public HeldCalls(ServerSettings settings, ConsumerLimit limit, CallScheduler scheduler, AckTracker acks, RpcEnvironment environment, LongCallStart? longCalls = null)
    {
        _long = longCalls;
        _settings = settings;
        _limit = limit;
        _scheduler = scheduler;
        _acks = acks;
        _environment = environment;
        _ends = new EarliestDeadline(environment.Time, GiveUp);
    }

    /// <summary>Watches a request that was delivered.</summary>
    public void Watch(Delivery delivery) => _ends.Watch(Math.Min(_limit.EndOfHold(delivery.ReceivedAt), _long?.DueAt(delivery.ReceivedAt) ?? long.MaxValue));

    public void Dispose() => _ends.Dispose();

    /// <summary>Gives up the calls of all requests that are held for too long. Returns when the next one is.</summary>
    private long GiveUp(long now)
    {
        var settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var held = new List<HeldCall>();
        long next = _scheduler.GiveUp(delivery => _limit.EndOfHold(delivery.ReceivedAt), now, settled.Task, held);
        if (held.Count > 0)
        {
            _ = SettleAsync(held, settled);
        }

        return Math.Min(next, _long?.Start(now) ?? long.MaxValue);
    }

    private async Task SettleAsync(List<HeldCall> held, TaskCompletionSource settled)
    {
        try
        {
            foreach (HeldCall call in held)
            {
                await AnswerAsync(call).ConfigureAwait(false);
            }

            foreach ((Delivery delivery, IReplyWriter replies) in held.Select(call => (call.Delivery, call.Replies)).Distinct())
            {
                await replies.FlushAsync().ConfigureAwait(false); // replies are published before their request is acknowledged
                _acks.MakeDueEarly(delivery);
            }

            _acks.Flush();
        }
        finally
        {
            settled.SetResult(); // also if the user's log threw: the calls can end
        }
    }

    private async Task AnswerAsync(HeldCall call)
    {
        double seconds = _environment.Time.GetElapsedTime(call.Delivery.ReceivedAt).TotalSeconds;
        Log.CallGivenUp(GuardedLogger.Guard(_environment.Log), call.Type, _settings.QueueName, call.Id.ToString(), seconds, _limit.Current.TotalSeconds);
        if (call.IsOneWay)
        {
            RpcMetrics.OneWayFailed.Add(1);
            await _acks.RejectAsync(call.Delivery).ConfigureAwait(false);
        }
        else if (!call.IsCancelledByCaller && ReplyAddressPolicy.IsAllowed(call.Delivery.ReplyTo, _settings.BodyStyle, _settings.ReplyExchange, _settings.IsServedHere))
        {
            var problem = new PooledBuffer();
            FaultWriter.Write(problem, FaultCodes.Interrupted, "The call was given up.", Describe(call, seconds), call.HasStarted || call.Delivery.MayHaveRun ? null : RpcExecution.NotStarted);
            await call.Replies.WriteAsync(new CallReply { Delivery = call.Delivery, Id = call.Id, Body = problem.Written, IsFault = true }).ConfigureAwait(false);
            problem.Release();
        }
    }

    private string Describe(HeldCall call, double seconds) =>
        $"'{call.Type}' was given up after {seconds:0.###} s{(call.HasStarted ? ": it may have run in part" : ", before it could start")}. " +
        $"The broker delivers a request again if it is not acknowledged within {_limit.Current.TotalSeconds:0.###} s (consumer_timeout). " +
        "To allow more, raise consumer_timeout on the broker, and RpcServerOptions.ConsumerTimeout to the same value.";
}
