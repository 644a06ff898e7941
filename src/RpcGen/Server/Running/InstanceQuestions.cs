using System.Globalization;
using System.Runtime.InteropServices;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Server.Acknowledging;
using RpcGen.Server.Replying;
using RpcGen.Server.Settings;
using RpcGen.Server.Watching;
using RpcGen.Transport;

namespace RpcGen.Server.Running;

/// <summary>
/// Answers questions, such as <c>$ping</c>, that are sent to this instance rather than to its service. They take no place of
/// a call, so that a server whose places are all taken still answers. Thread-safe.
/// </summary>
internal sealed class InstanceQuestions : IDisposable
{
    /// <summary>Further questions of one asker in the same second are not answered: answers can be large, and every instance gives one.</summary>
    public const int MaxPerSecond = 20;

    /// <summary>Further questions of the same second are not answered, by any asker.</summary>
    public const int MaxPerSecondOfAll = 500;

    /// <summary>A caller's policy can take this long to decide, in milliseconds.</summary>
    private const long MaxBudget = 5_000;

    private readonly ServiceDispatcher _dispatcher;
    private readonly ReplySender _sender;
    private readonly ServerSettings _settings;
    private readonly TimeProvider _time;
    private readonly EarliestDeadline _deadlines;
    private readonly Lock _gate = new();
    private readonly List<ServerCall> _unanswered = [];
    private readonly Dictionary<string, int> _countsOfSecond = new(StringComparer.Ordinal);
    private long _second;
    private int _countOfSecond;
    private bool _isStopped;

    public InstanceQuestions(ServiceDispatcher dispatcher, ReplySender sender, RpcEnvironment environment, ServerSettings settings)
    {
        _dispatcher = dispatcher;
        _sender = sender;
        _settings = settings;
        _time = environment.Time;
        _deadlines = new EarliestDeadline(_time, CancelLate);
    }

    /// <summary>Answers a question soon; ignores any other message, and questions that could not be answered.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isDirect">Whether the message came straight from its sender, so that its user counts.</param>
    public void Accept(in IncomingMessage message, bool isDirect)
    {
        MessageKind kind = MessageKinds.OfRequest(message.Type);
        bool isQuestion = MessageKinds.IsQuestion(kind);
        if (!isQuestion || message.IsUnreadable || !ReplyAddressPolicy.IsAllowed(message.ReplyTo, RpcBodyStyle.Object, _settings.ReplyExchange, _settings.IsServedHere))
        {
            return;
        }

        bool hasBudget = long.TryParse(message.Expiration, NumberStyles.None, CultureInfo.InvariantCulture, out long budget);
        var call = new ServerCall(_deadlines) { WatchLifetime = kind == MessageKind.Watch ? LifetimeOf(hasBudget ? budget : long.MaxValue) : null };
        lock (_gate)
        {
            if (_isStopped || !TryCount(message.ReplyTo!))
            {
                return;
            }

            _unanswered.Add(call);
        }

        var delivery = new Delivery();
        delivery.Begin(in message, _time.GetTimestamp(), maxBodyBytes: kind == MessageKind.Watch ? WatchFilters.MaxBytes : 0); // the others have no arguments
        if (!isDirect)
        {
            delivery.MakeAnonymous();
        }

        call.Begin(delivery, hasBudget && budget <= MaxBudget ? message : message with { Expiration = MaxBudget.ToString(CultureInfo.InvariantCulture) });
        using (AmbientFlow.Suppress())
        {
            _ = Task.Run(() => AnswerAsync(call)); // the consumer's next message must not wait for the checks of this caller
        }
    }

    /// <summary>Stops answering, so that another instance answers.</summary>
    public void Stop()
    {
        lock (_gate)
        {
            _isStopped = true;
            _unanswered.ForEach(static call => call.Abandon());
        }
    }

    public void Dispose()
    {
        Stop();
        _deadlines.Dispose();
    }

    private async Task AnswerAsync(ServerCall call)
    {
        CallOutcome outcome = await _dispatcher.HandleAsync(call, static _ => default).ConfigureAwait(false);
        if (outcome is CallOutcome.Replied or CallOutcome.Faulted && !call.IsAbandoned)
        {
            var reply = new CallReply
            {
                Delivery = call.Delivery,
                Id = call.Id,
                Body = call.Reply.Written,
                IsFault = outcome == CallOutcome.Faulted,
                Headers = call.ReplyHeaders,
            };
            await _sender.SendAsync(in reply, BatchHint.None).ConfigureAwait(false);
        }

        lock (_gate)
        {
            _unanswered.Remove(call);
        }

        call.Reset();
        call.Reply.Release();
    }

    private static TimeSpan LifetimeOf(long milliseconds) => TimeSpan.FromMilliseconds(Math.Min(milliseconds, (long)CallWatches.MaxLifetime.TotalMilliseconds));

    private long CancelLate(long now)
    {
        lock (_gate)
        {
            return _unanswered.Count == 0 ? long.MaxValue : _unanswered.Min(call => call.CancelIfLate(now));
        }
    }

    private bool TryCount(string asker)
    {
        long second = _time.GetTimestamp() / _time.TimestampFrequency;
        if (second != _second)
        {
            _second = second;
            _countOfSecond = 0;
            _countsOfSecond.Clear();
        }

        if (_countOfSecond >= MaxPerSecondOfAll)
        {
            return false;
        }

        _countOfSecond++;
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(_countsOfSecond, asker, out _);
        return ++count <= MaxPerSecond;
    }
}
