using RpcGen.Client;
using RpcGen.Client.Calls;
using RpcGen.Protocol;
using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Models;

/// <summary>
/// A pending message whose reply, deadline and publish meet. Its owner uses it again as soon as it is recycled, so a late event
/// meets the next use.
/// </summary>
internal sealed class EndingsModel : Model
{
    private readonly Message _message;
    private readonly long _first;

    public EndingsModel()
    {
        _message = new Message(new SlotTable<PendingMessage>(new CallIdCipher(new SimRandom(1))), Time);
        _first = _message.Begin();
        Must(_message.TryPin(_first), "the publish pins the body of a new use");
        Must(_message.TryMove(_first, CallStage.Preparing, CallStage.Waiting), "a new use waits");
    }

    public override IReadOnlyList<Action> Threads => [Publish, End, End];

    public override void Check()
    {
        Must(_message.Endings.GetValueOrDefault(_first) == 1, $"a use ended {_message.Endings.GetValueOrDefault(_first)} times");
        Must(!_message.Endings.Keys.Any(generation => generation != _first), "the next use was ended by what is late");
        Must(_message.Recycled == 1, $"the object was recycled {_message.Recycled} times");
        Must(_message.Current == (_first + 1, CallStage.Preparing), $"the next use is at {_message.Current}");
    }

    /// <summary>Sends the message, whose body must not change meanwhile, and then lets go of it.</summary>
    private void Publish()
    {
        if (_message.TryMove(_first, CallStage.Waiting, CallStage.Sending))
        {
            Must(_message.Current.Generation == _first, "the body belongs to another use while it is sent");
            _message.TryMove(_first, CallStage.Sending, CallStage.Sent);
        }

        Must(_message.Current.Generation == _first, "the body belongs to another use while it is pinned");
        _message.Unpin();
    }

    /// <summary>A reply, a deadline or a cancellation: the first gives the outcome.</summary>
    private void End()
    {
        if (_message.TryComplete(_first))
        {
            _message.Count(_first);
            Must(_message.TryEnd(), "the winner takes the outcome");
            _message.Unpin();
        }
        else if (_message.TryPin(_first))
        {
            Must(_message.Current.Generation == _first, "a pin of the last use holds the next one");
            _message.Unpin();
        }
    }

    private sealed class Message(SlotTable<PendingMessage> table, TimeProvider time) : PendingMessage(table, time)
    {
        public Dictionary<long, int> Endings { get; } = [];

        public int Recycled { get; private set; }

        public long Begin() => BeginUse();

        public void Count(long generation) => Endings[generation] = Endings.GetValueOrDefault(generation) + 1;

        public override void OnReply(long generation, MessageKind kind, in IncomingMessage reply) => throw new NotSupportedException();

        public override void OnReturned(long generation, in ReturnedMessage returned) => throw new NotSupportedException();

        public override void OnNacked(long generation) => throw new NotSupportedException();

        public override void OnNotSent(long generation, CallLink link) => throw new NotSupportedException();

        public override void OnSendFailed(long generation, Exception exception) => throw new NotSupportedException();

        public override void OnLinkLost(long generation, CallLink link, string reason) => throw new NotSupportedException();

        public override void OnDeadlineNear()
        {
        }

        public override void OnDeadline(long generation) => throw new NotSupportedException();

        /// <summary>The next caller begins at once.</summary>
        protected override bool TryRecycle()
        {
            Recycled++;
            BeginUse();
            return true;
        }
    }
}
