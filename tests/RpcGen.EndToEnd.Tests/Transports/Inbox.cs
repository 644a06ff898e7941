using System.Threading.Channels;
using RpcGen.Transport;

namespace RpcGen.EndToEnd.Tests.Transports;

/// <summary>A consumer that keeps copies of its deliveries.</summary>
internal sealed class Inbox : ITransportConsumer
{
    private readonly Channel<IncomingMessage> _messages = Channel.CreateUnbounded<IncomingMessage>();

    /// <summary>Called for each delivery, on the transport's thread.</summary>
    public Action<IncomingMessage>? OnMessage { get; init; }

    public TaskCompletionSource CancelledByBroker { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public int Count => _messages.Reader.Count;

    public void OnDelivered(in IncomingMessage message)
    {
        IncomingMessage copy = message with { Body = message.Body.ToArray() };
        OnMessage?.Invoke(copy);
        _messages.Writer.TryWrite(copy);
    }

    public void OnCancelledByBroker() => CancelledByBroker.TrySetResult();

    /// <summary>The next message. Fails if none arrives within a few seconds.</summary>
    public async Task<IncomingMessage> NextAsync() =>
        await _messages.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10));
}
