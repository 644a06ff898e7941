using RpcGen.Transport;

namespace RpcGen.Tests.Streams.LongCalls.Model;

/// <summary>
/// Queues and what is on its way to them. Messages of one connection to one queue keep their order; all others overtake each other. What a lost
/// connection has published last is lost with it, and so is what has reached a queue that is deleted.
/// </summary>
/// <param name="random">Decides the order.</param>
/// <param name="time">When messages are published.</param>
internal sealed class ModelNetwork(Random random, TimeProvider time)
{
    private readonly Dictionary<string, IModelProcess> _queues = [];
    private readonly List<Route> _routes = [];

    /// <summary>Whether messages that are delivered come a second time now and then.</summary>
    public bool Duplicates { get; init; }

    /// <summary>How many messages are on their way to processes that are not frozen.</summary>
    public int OnTheWay => Ready().Sum(static route => route.Messages.Count);

    public void Declare(string queue, IModelProcess owner) => _queues.Add(queue, owner);

    public bool Exists(string queue) => _queues.ContainsKey(queue);

    /// <summary>The queue is deleted with its messages. Later messages are returned.</summary>
    public void Delete(string queue)
    {
        _queues.Remove(queue);
        foreach (Route route in _routes.Where(route => route.Queue == queue))
        {
            route.Messages.RemoveRange(0, random.Next(route.Messages.Count + 1));
        }
    }

    /// <summary>A connection is lost, with the last of what it has published.</summary>
    /// <returns>What is lost.</returns>
    public List<ModelMessage> Close(string link)
    {
        var lost = new List<ModelMessage>();
        foreach (Route route in _routes.Where(route => route.Link == link))
        {
            route.Sender = null;
            int kept = random.Next(route.Messages.Count + 1);
            lost.AddRange(route.Messages.Skip(kept).Select(static entry => entry.Message));
            route.Messages.RemoveRange(kept, route.Messages.Count - kept);
        }

        return lost;
    }

    /// <summary>Publishes on a connection. It comes back to the sender if there is no such queue, as long as the connection exists.</summary>
    public void Publish(IModelProcess sender, string link, string queue, ModelMessage message)
    {
        Route? route = _routes.Find(route => route.Link == link && route.Queue == queue);
        if (route is null)
        {
            _routes.Add(route = new Route(link, queue) { Sender = sender });
        }

        route.Messages.Add((message, time.GetUtcNow()));
    }

    /// <summary>Delivers or returns a message.</summary>
    public void DeliverAny()
    {
        if (Ready().ToList() is { Count: > 0 } ready)
        {
            Deliver(ready[random.Next(ready.Count)]);
        }
    }

    /// <summary>Delivers or returns all messages that were published so long ago.</summary>
    public void DeliverLate(TimeSpan longestDelay)
    {
        while (Ready().FirstOrDefault(route => time.GetUtcNow() - route.Messages[0].At >= longestDelay) is { } late)
        {
            Deliver(late);
        }
    }

    private IEnumerable<Route> Ready() => _routes.Where(route => route.Messages.Count > 0 && !(_queues.TryGetValue(route.Queue, out IModelProcess? owner) && owner.IsFrozen));

    private void Deliver(Route route)
    {
        ModelMessage message = route.Messages[0].Message;
        route.Messages.RemoveAt(0);
        if (!_queues.TryGetValue(route.Queue, out IModelProcess? owner))
        {
            route.Sender?.OnReturned(route.Queue, message);
            return;
        }

        owner.OnMessage(route.Queue, message);
        if (Duplicates && random.Next(20) == 0 && _queues.ContainsKey(route.Queue))
        {
            owner.OnMessage(route.Queue, message);
        }
    }

    private sealed class Route(string link, string queue)
    {
        public string Link => link;

        public string Queue => queue;

        public IModelProcess? Sender { get; set; }

        public List<(ModelMessage Message, DateTimeOffset At)> Messages { get; } = [];
    }
}

/// <summary>A message.</summary>
/// <param name="Id">Its <c>correlation_id</c>.</param>
/// <param name="ReplyTo">Its <c>reply_to</c>.</param>
/// <param name="Body">What it says.</param>
internal sealed record ModelMessage(CorrelationId Id, string ReplyTo, object Body);

/// <summary>A reply to the callback queue.</summary>
/// <param name="Request">The request.</param>
/// <param name="Outcome">The outcome; null if the request comes back, because it was delivered before.</param>
internal sealed record ModelReply(ModelRequest Request, string? Outcome);

/// <summary>A caller says to all instances where it is.</summary>
/// <param name="Instance">Its name.</param>
internal sealed record ModelMoved(string Instance);

/// <summary>What has queues.</summary>
internal interface IModelProcess
{
    /// <summary>Whether it does nothing at the moment, although its connections exist.</summary>
    bool IsFrozen { get; }

    /// <summary>Whether it has ended.</summary>
    bool IsDead { get; }

    /// <summary>A message has come.</summary>
    void OnMessage(string queue, ModelMessage message);

    /// <summary>A message that it has published came back.</summary>
    void OnReturned(string queue, ModelMessage message);
}
