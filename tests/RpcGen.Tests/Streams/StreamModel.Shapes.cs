using RpcGen.Streams;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>What a stream consists of.</summary>
internal enum StreamShape
{
    Items,

    /// <summary>Each item is a byte; a message is one piece of them.</summary>
    Bytes,

    /// <summary>The producer never waits. Values that cannot be sent give way to the latest one.</summary>
    Progress,
}

/// <content>How the shapes differ.</content>
internal sealed partial class StreamModel
{
    private int MessageBytes => _shape == StreamShape.Bytes ? 2_000 : StreamLimits.MessageBytes;

    private bool MustHold => _shape != StreamShape.Progress && _sender.MustHold;

    /// <summary>The producer writes something.</summary>
    private void Write()
    {
        switch (_shape)
        {
            case StreamShape.Items:
                _gathered.Add(_produced++);
                _gatheredBytes += SomeBytes();
                Perform(_sender.OnWritten(_gatheredBytes));
                break;
            case StreamShape.Bytes:
                int count = Math.Min(_random.Next(1, 3_000), Math.Min(_total - _produced, MessageBytes - _gatheredBytes)); // of a piece, as much as fits
                _gathered.AddRange(Enumerable.Range(_produced, count));
                _produced += count;
                _gatheredBytes += count;
                Perform(_sender.OnWritten(_gatheredBytes, count));
                break;
            default:
                int bytes = SomeBytes();
                bool replaces = _sender.IsHeldUp || _gatheredBytes + bytes > MessageBytes;
                if (replaces)
                {
                    _gathered.Clear();
                    _gatheredBytes = 0;
                }

                _gathered.Add(_produced++);
                _gatheredBytes += bytes;
                Perform(replaces ? _sender.OnReplaced(_gatheredBytes) : _sender.OnWritten(_gatheredBytes));
                Assert.InRange(_gatheredBytes, 0, Math.Max(bytes, MessageBytes)); // a slow receiver costs no memory
                break;
        }
    }

    private int SomeBytes() => _random.Next(1, _random.Next(2) == 0 ? 100 : 40_000);

    /// <summary>The consumer gets an item: the next one, or a later value of progress.</summary>
    private void Deliver(int item)
    {
        Assert.True(_shape == StreamShape.Progress ? item > _lastDelivered : item == _lastDelivered + 1, $"{item} came after {_lastDelivered}");
        _lastDelivered = item;
        _delivered++;
    }

    /// <summary>The consumer has everything, or the latest value.</summary>
    private void CheckAll()
    {
        Assert.Equal(_total - 1, _lastDelivered);
        Assert.True(_shape == StreamShape.Progress || _delivered == _total);
    }
}
