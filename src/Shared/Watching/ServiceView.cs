namespace RpcGen.Watching;

/// <summary>An answer of an instance, and when it came.</summary>
/// <param name="Statistics">The answer.</param>
/// <param name="Timestamp">The clock's timestamp.</param>
internal sealed record InstanceSample(RpcServiceStatistics Statistics, long Timestamp);

/// <summary>What the instances of one service say.</summary>
internal sealed class ServiceView
{
    private readonly OrderedDictionary<string, MethodView> _methods = new(StringComparer.Ordinal);

    private ServiceView(string queue) => Queue = queue;

    public string Queue { get; }

    public int Instances { get; private set; }

    public long Running { get; private set; }

    public long Places { get; private set; }

    public long Waiting { get; private set; }

    /// <summary>Requests that wait in the queue; null if that is not known.</summary>
    public long? Depth { get; private init; }

    /// <summary>Refused requests that named no method.</summary>
    public long Refused { get; private set; }

    public IReadOnlyList<MethodView> Methods => _methods.Values;

    /// <summary>All methods together.</summary>
    public MethodView All { get; } = new("");

    /// <summary>Adds up the answers of instances.</summary>
    /// <param name="queue">The service.</param>
    /// <param name="now">The answers.</param>
    /// <param name="before">The answers before these, by the instance's id.</param>
    /// <param name="time">The clock.</param>
    /// <param name="depth">How many requests wait in the queue; null if that is not known.</param>
    public static ServiceView Of(string queue, IEnumerable<InstanceSample> now, IReadOnlyDictionary<string, InstanceSample> before, TimeProvider time, long? depth = null)
    {
        var view = new ServiceView(queue) { Depth = depth };
        foreach (InstanceSample sample in now)
        {
            view.Add(sample, before.GetValueOrDefault(sample.Statistics.Service.Instance.Id), time);
        }

        foreach (MethodView method in view._methods.Values)
        {
            view.All.Add(method);
        }

        return view;
    }

    private void Add(InstanceSample sample, InstanceSample? before, TimeProvider time)
    {
        RpcServiceStatistics now = sample.Statistics;
        Instances++;
        Running += now.Running;
        Places += now.Places;
        Waiting += now.Waiting;
        Refused += now.Refused;
        TimeSpan? elapsed = before is null ? null : time.GetElapsedTime(before.Timestamp, sample.Timestamp);
        for (int i = 0; i < now.Methods.Count; i++)
        {
            RpcMethodStatistics method = now.Methods[i];
            if (!_methods.TryGetValue(method.Name, out MethodView? view))
            {
                _methods.Add(method.Name, view = new MethodView(method.Name));
            }

            // An instance names its methods in the same order each time.
            RpcMethodStatistics? earlier = before?.Statistics.Methods.ElementAtOrDefault(i);
            view.Add(method, earlier?.Name == method.Name ? earlier : null, elapsed);
        }
    }
}
