namespace RpcGen.Chaos.History;

/// <summary>What happened to processes and broker, as far as it changes what calls can promise.</summary>
internal sealed class Interruptions
{
    private readonly List<(int Process, TimeSpan From, TimeSpan To)> _frozen = [];

    /// <summary>The processes that were killed: their calls can have no end.</summary>
    public HashSet<int> Killed { get; } = [];

    /// <summary>When the broker lost what is only in memory.</summary>
    public List<TimeSpan> BrokerLosses { get; } = [];

    /// <summary>When all processes lost their connections.</summary>
    public List<TimeSpan> ConnectionLosses { get; } = [];

    /// <summary>When the request queue was deleted.</summary>
    public List<TimeSpan> QueueLosses { get; } = [];

    /// <summary>Whether the user's permissions were taken.</summary>
    public bool HasTakenPermissions { get; set; }

    /// <summary>
    /// Whether the broker may no longer mark requests that it delivers again. RabbitMQ 3.10 never marks them after a clean restart
    /// while a transient message waited: the count by which it knows them stands still at the place of that message.
    /// </summary>
    public bool HasLostRedeliveryMarks { get; set; }

    /// <summary>A process was stopped for a while.</summary>
    public void Freeze(int process, TimeSpan from, TimeSpan to) => _frozen.Add((process, from, to));

    /// <summary>How long the process was stopped within a time.</summary>
    public TimeSpan FrozenWithin(int process, TimeSpan from, TimeSpan to) => new(_frozen
        .Where(frozen => frozen.Process == process)
        .Sum(frozen => Math.Max(0, Math.Min(frozen.To.Ticks, to.Ticks) - Math.Max(frozen.From.Ticks, from.Ticks))));
}
