using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <content>What always holds, and what goes wrong.</content>
internal sealed partial class StreamModel
{
    private void Check()
    {
        Assert.True(_sender.GrantedBytes > 0 || _produced == 0, "no source is touched before the first grant");
        Assert.InRange(_sender.SentBytes, 0, _sender.GrantedBytes + _largest);
        Assert.InRange(_sender.SentItems, 0, _sender.GrantedItems);
        Assert.InRange(_receiver.BufferedBytes, 0, _receiver.Window + _largest);
        Assert.True(_sender.GrantedBytes <= _receiver.GrantedBytes);
    }

    private void Disturb()
    {
        if (_isDisturbed || _random.Next(20) != 0)
        {
            return;
        }

        switch (_trouble)
        {
            case Trouble.Loss when _toReceiver.Any(message => message.Kind != SenderMessage.None):
                Message[] left = [.. _toReceiver];
                Message lost = left.First(message => message.Kind != SenderMessage.None);
                _toReceiver.Clear();
                Array.ForEach([.. left.Where(message => message != lost)], _toReceiver.Enqueue);
                _isDisturbed = true;
                break;
            case Trouble.Duplicate when _toReceiver.TryPeek(out Message? first) && first is { Kind: SenderMessage.Items, Cost: > 0 }:
                Message[] all = [.. _toReceiver];
                _toReceiver.Clear();
                _toReceiver.Enqueue(first);
                Array.ForEach(all, _toReceiver.Enqueue);
                _isDisturbed = true;
                break;
            case Trouble.Cancel:
                Send(_receiver.OnClosed());
                _isGivenUp = _isDisturbed = true;
                _hasEnded = true;
                break;
            case Trouble.Death:
                _isDead = _isDisturbed = true;
                break;
        }
    }

    private sealed class Call() : StreamCall(default, null)
    {
        public override void OnMessage(StreamMessageKind kind, string? parameter, in IncomingMessage message)
        {
        }

        public override void OnLost(StreamLoss loss)
        {
        }
    }
}
