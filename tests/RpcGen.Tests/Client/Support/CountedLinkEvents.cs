using RpcGen.Client.Calls;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Support;

/// <summary>Counts the events of a link that stands alone.</summary>
internal sealed class CountedLinkEvents : ICallLinkEvents
{
    public int Blocked { get; private set; }

    public int Returned { get; private set; }

    public void OnOpened()
    {
    }

    public void OnReply(in IncomingMessage reply)
    {
    }

    public void OnReturned(in ReturnedMessage message) => Returned++;

    public void OnNacked(CorrelationId message)
    {
    }

    public void OnBlockedChanged() => Blocked++;

    public void OnExchangeKnown()
    {
    }

    public void OnOpeningRefused(TransportRefusedException refusal)
    {
    }

    public void OnLost(CallLink link, string reason)
    {
    }
}
