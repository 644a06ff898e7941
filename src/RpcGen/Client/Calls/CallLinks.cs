using System.Globalization;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Calls;

/// <summary>The current <see cref="CallLink"/>, opened again when it is lost. Thread-safe.</summary>
internal sealed class CallLinks : IAsyncDisposable
{
    private readonly Supervisor<ITransportConnection> _connections;
    private readonly Supervisor<CallLink> _links;
    private readonly RpcEnvironment _environment;
    private readonly ICallLinkEvents _events;
    private readonly string _replyExchange;

    /// <summary>Creates the links; <see cref="StartAsync"/> opens the first one.</summary>
    public CallLinks(string name, Supervisor<ITransportConnection> connections, RpcEnvironment environment, ICallLinkEvents events, string replyExchange)
    {
        _replyExchange = replyExchange;
        _connections = connections;
        _environment = environment;
        _events = events;
        _links = new Supervisor<CallLink>(name, OpenAsync, environment)
        {
            OnOpened = _ => events.OnOpened(),
            OnLost = OnLost,
            OnFailed = OnFailed,
        };
    }

    /// <summary>The broker's limit for requests.</summary>
    public MessageLimit MessageLimit { get; } = new();

    /// <summary>The open link; null while no link is open.</summary>
    public CallLink? Current => _links.Current;

    /// <summary>Why there is no link, as a clause for messages; null while there is one.</summary>
    public string? UnavailableReason =>
        _links.Current is not null ? null
        : _connections.Current is null ? _connections.DownReason
        : _links.DownReason;

    /// <summary>Opens the first link. The first failure is thrown.</summary>
    public Task StartAsync(CancellationToken cancellationToken) => _links.StartAsync(cancellationToken);

    /// <summary>Opens a link as soon as there is a connection.</summary>
    public void StartInBackground() => _links.StartInBackground();

    /// <summary>Waits for an open link.</summary>
    /// <exception cref="ObjectDisposedException">No link will be opened any more.</exception>
    public Task<CallLink> GetAsync(CancellationToken cancellationToken) => _links.GetAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _links.DisposeAsync();

    private async Task<CallLink> OpenAsync(CancellationToken cancellationToken)
    {
        ITransportConnection connection = await _connections.GetAsync(cancellationToken).ConfigureAwait(false);
        MessageLimit.OnConnected(connection);
        string replyTo = WireNames.MarkedCallbackQueuePrefix + _environment.Random.NextBits().ToString("x16", CultureInfo.InvariantCulture);
        try
        {
            return await CallLink.OpenAsync(_events, connection, _environment, replyTo, _replyExchange, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportRefusedException e) when (QueueRefusals.DescribeLimit(e.Message) is { } limit)
        {
            throw new TransportRefusedException(e.Code, limit, e);
        }
    }

    private void OnLost(CallLink link, TransportClosure closure)
    {
        MessageLimit.TryLearn(closure); // before calls are sent again
        _events.OnLost(link, closure.Reason);
    }

    private void OnFailed(Exception exception)
    {
        if (exception is TransportRefusedException { Code: AmqpReplyCodes.AccessRefused } refusal)
        {
            _events.OnOpeningRefused(refusal);
        }
    }
}
