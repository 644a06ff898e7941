using RpcGen.Protocol;
using RpcGen.Streams;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>What goes wrong, once.</summary>
internal enum Trouble
{
    None,
    Loss,
    Duplicate,
    Cancel,
    Death,
    Fault,
}

/// <summary>One stream in either direction, with both its sides and the queues between them, without threads and clock.</summary>
internal sealed partial class StreamModel
{
    private readonly Random _random;
    private readonly bool _isOfClient;
    private readonly Trouble _trouble;
    private readonly int _total;
    private readonly long _window;
    private readonly int _windowItems;
    private readonly SenderState _sender;
    private readonly ReceiverState _receiver;
    private readonly List<int> _gathered = [];
    private readonly Queue<Message> _toReceiver = new();
    private readonly Queue<(long Bytes, long Items)> _toSender = new();
    private readonly Queue<Message> _buffered = new();
    private readonly StreamShape _shape;
    private int _delivered;
    private int _lastDelivered = -1;
    private readonly StreamPeer _peer = new("rpc.cb.server", TimeSpan.FromSeconds(5), 0);
    private readonly Call _call = new();
    private Message? _current;
    private Message? _inFlight;
    private int _read;
    private int _gatheredBytes;
    private int _produced;
    private int _largest;
    private long _sentMessages;
    private bool _hasFlusher;
    private bool _isDisturbed;
    private bool _isDead;
    private bool _hasEnded;
    private bool _hasFailed;
    private bool _isGivenUp;

    /// <param name="seed">Decides everything.</param>
    /// <param name="trouble">What goes wrong.</param>
    /// <param name="isOfClient">Whether the client sends: it has no credit, and its source is not touched, before the server's first grant.</param>
    /// <param name="shape">What is sent.</param>
    public StreamModel(int seed, Trouble trouble, bool isOfClient, StreamShape shape = StreamShape.Items)
    {
        _shape = shape;
        _isOfClient = isOfClient;
        _random = new Random(seed);
        _trouble = trouble;
        _total = _random.Next(0, shape == StreamShape.Bytes ? 20_000 : 200);
        _window = _random.Next(1, shape == StreamShape.Bytes ? 10_000 : 100_000);
        _windowItems = shape != StreamShape.Items || _random.Next(2) == 0 ? 0 : _random.Next(1, 10);
        long items = _windowItems == 0 ? long.MaxValue : _windowItems;
        _sender = new SenderState(isOfClient ? 0 : _window, isOfClient ? 0 : items, MessageBytes);
        _receiver = new ReceiverState(_window, _windowItems);
        if (isOfClient)
        {
            _toSender.Enqueue((_window, items));
        }
    }

    private bool IsOver => _hasEnded || _hasFailed;

    public void Run()
    {
        Action[] steps = [Produce, Wait, Flush, Publish, Receive, Grant, Take, Beat, Disturb];
        int idle = 0;
        for (int step = 0; !IsOver && idle < 2_000; step++)
        {
            long before = Progress();
            steps[_random.Next(steps.Length)]();
            idle = Progress() == before ? idle + 1 : 0;
            Check();
        }

        Assert.True(IsOver, "a stream with both sides alive makes progress");
        if (_hasEnded && !_isGivenUp)
        {
            CheckAll(); // never silently short
        }

        Assert.True(_trouble is not (Trouble.None or Trouble.Duplicate) || _hasEnded || (_trouble == Trouble.Duplicate && _isDisturbed), "without trouble there is no failure");
    }

    private long Progress() => _produced + _sentMessages + _delivered + _toReceiver.Count + _toSender.Count + _buffered.Count + (_hasFlusher ? 1 : 0) + (_inFlight is null ? 0 : 1) + (_isDisturbed ? 1 : 0) + (long)_sender.Stage;

    private void Perform(SenderAction action)
    {
        if (action.HasFlag(SenderAction.Flush))
        {
            Assert.False(_hasFlusher, "one flusher at a time");
            _hasFlusher = true;
        }
    }

    private void Produce()
    {
        if (_isDead || _sender.Stage is SenderStage.Ending or SenderStage.Closed || MustHold || (_isOfClient && _sender.GrantedBytes == 0))
        {
            return;
        }

        if (_produced == _total)
        {
            Perform(_sender.OnSourceEnded(_trouble == Trouble.Fault));
            return;
        }

        Write();
    }

    private void Wait()
    {
        if (!_isOfClient && !_isDead && _sender.Stage is not (SenderStage.Ending or SenderStage.Closed))
        {
            Perform(_sender.OnProducerWaits());
        }
    }

    private void Flush()
    {
        if (!_hasFlusher || _inFlight is not null || _isDead)
        {
            return;
        }

        int cost = _gathered.Count == 0 ? 0 : (int)StreamLimits.CostOf(_gatheredBytes);
        SenderMessage kind = _sender.TakeMessage(cost);
        if (kind == SenderMessage.None)
        {
            _hasFlusher = false;
            return;
        }

        bool takesItems = kind is SenderMessage.Items or SenderMessage.End;
        _inFlight = new Message(kind, _sender.SentItems, takesItems ? [.. _gathered] : [], takesItems ? cost : 0, 0);
        if (takesItems)
        {
            _largest = Math.Max(_largest, cost);
            _gathered.Clear();
            _gatheredBytes = 0;
        }
    }

    private void Publish()
    {
        if (_inFlight is not { } message || _isDead)
        {
            return;
        }

        _inFlight = null;
        _toReceiver.Enqueue(message);
        _sentMessages++;
        Perform(_sender.OnPublished(message.Kind));
    }

    private void Beat()
    {
        if (!_isDead && _random.Next(4) == 0 && !_toReceiver.Any(message => message.Kind == SenderMessage.None))
        {
            _toReceiver.Enqueue(new Message(SenderMessage.None, 0, [], 0, _sender.Stage == SenderStage.Closed ? -1 : _sentMessages)); // -1: dropped, not listed
        }
    }

    private void Receive()
    {
        if (!_toReceiver.TryDequeue(out Message? message))
        {
            if (_isDead)
            {
                Fail(); // returned, or silent
            }

            return;
        }

        if (message.Kind == SenderMessage.None)
        {
            OnBeat(message.SentBefore);
            return;
        }

        _call.CountReceived();
        switch (message.Kind)
        {
            case SenderMessage.Open:
                break;
            case SenderMessage.Fault:
                Fail();
                break;
            default:
                ReceiverAction action = _receiver.OnMessage(message.Cost, message.Kind == SenderMessage.End);
                if (action == ReceiverAction.Keep)
                {
                    _buffered.Enqueue(message);
                }

                _failed |= action.HasFlag(ReceiverAction.Violation);
                Send(action);

                break;
        }
    }

    private void OnBeat(long sent)
    {
        _peer.BeginBeat();
        bool isLost = sent >= 0
            ? _peer.OnListed(_call, new BeatEntry(default, sent, IsServed: true)) == BeatFinding.Lost
            : _peer.HasDropped(_call);
        if (isLost && _receiver.Stage == ReceiverStage.Open)
        {
            Assert.True(_trouble == Trouble.Loss && _isDisturbed || _isGivenUp, "no false alarm");
            Fail();
        }
    }

    private void Grant()
    {
        if (_toSender.TryDequeue(out (long Bytes, long Items) grant) && !_isDead)
        {
            Perform(grant.Bytes < 0 ? _sender.OnGivenUp() : _sender.OnGrant(grant.Bytes, grant.Items));
        }
    }

    private void Take()
    {
        if (_current is null)
        {
            if (_buffered.TryDequeue(out _current))
            {
                _read = 0;
                if (!_receiver.TryBegin(_current.First))
                {
                    _hasFailed = true;
                    Send(_receiver.OnViolation());
                    _receiver.OnClosed();
                }
            }
            else if (_receiver.Stage == ReceiverStage.Complete)
            {
                _hasEnded = !_failed;
                _hasFailed = _failed;
                _receiver.OnClosed();
            }

            return;
        }

        if (_read < _current.Items.Length)
        {
            int count = _shape == StreamShape.Bytes ? _current.Items.Length : 1; // a message of bytes is one piece
            foreach (int item in _current.Items.AsSpan(_read, count))
            {
                Deliver(item);
            }

            _read += count;
            Send(_receiver.OnItemTaken(count));
            return;
        }

        Message consumed = _current;
        _current = null;
        Send(_receiver.OnConsumed(consumed.Cost));
    }

    private bool _failed;

    private void Fail() => _failed |= _receiver.OnEnded();

    private void Send(ReceiverAction action)
    {
        if (action.HasFlag(ReceiverAction.Grant))
        {
            _toSender.Enqueue((_receiver.GrantedBytes, _receiver.GrantedItems));
        }

        if (action.HasFlag(ReceiverAction.Cancel))
        {
            _toSender.Enqueue((-1, 0));
        }
    }

    private sealed record Message(SenderMessage Kind, long First, int[] Items, int Cost, long SentBefore);
}
