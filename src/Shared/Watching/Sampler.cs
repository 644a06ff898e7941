namespace RpcGen.Watching;

/// <summary>Asks instances again and again, and keeps their last answers.</summary>
/// <param name="connection">The connection.</param>
/// <param name="service">The service; null for all.</param>
internal sealed class Sampler(RpcConnection connection, string? service)
{
    private readonly Dictionary<string, InstanceSample> _last = new(StringComparer.Ordinal);

    /// <summary>Services that refuse to tell, with the reason.</summary>
    public SortedDictionary<string, string> Refusals { get; } = new(StringComparer.Ordinal);

    /// <summary>Asks every instance once.</summary>
    public async Task<IReadOnlyList<ServiceView>> SampleAsync(CancellationToken cancellationToken)
    {
        IReadOnlyCollection<string> queues = service is not null ? [service] : await FindAsync(cancellationToken).ConfigureAwait(false);
        List<InstanceSample>[] answers = await Task.WhenAll(queues.Select(queue => AskAsync(queue, cancellationToken))).ConfigureAwait(false);
        long?[] depths = await Task.WhenAll(queues.Select(queue => connection.GetQueueDepthAsync(queue, cancellationToken))).ConfigureAwait(false);
        ServiceView[] views = [.. queues.Zip(answers, depths).Select(service => ServiceView.Of(service.First, service.Second, _last, TimeProvider.System, service.Third)).Where(view => view.Instances > 0)];
        _last.Clear();
        foreach (InstanceSample sample in answers.SelectMany(samples => samples))
        {
            _last[sample.Statistics.Service.Instance.Id] = sample;
        }

        return views;
    }

    private async Task<IReadOnlyCollection<string>> FindAsync(CancellationToken cancellationToken)
    {
        var queues = new SortedSet<string>(StringComparer.Ordinal);
        await foreach (RpcServiceInstance instance in connection.FindServicesAsync(cancellationToken: cancellationToken).ConfigureAwait(false))
        {
            queues.Add(instance.Queue);
        }

        return queues;
    }

    private async Task<List<InstanceSample>> AskAsync(string queue, CancellationToken cancellationToken)
    {
        var samples = new List<InstanceSample>();
        try
        {
            await foreach (RpcServiceStatistics statistics in connection.GetStatisticsAsync(queue, cancellationToken).ConfigureAwait(false))
            {
                samples.Add(new InstanceSample(statistics, TimeProvider.System.GetTimestamp()));
            }
        }
        catch (RpcAccessDeniedException e) when (service is null)
        {
            Refusals[queue] = e.Message; // the other services are worth showing
        }

        return samples;
    }
}
