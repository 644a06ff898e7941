using System.Globalization;

namespace RpcGen.Cli.Checks;

/// <summary>Checks what instances say about themselves.</summary>
internal sealed class ServiceChecks(RpcConnection connection, List<Finding> findings)
{
    /// <summary>Checks whether services can be found.</summary>
    public async Task CheckFindingAsync(CancellationToken cancellationToken)
    {
        try
        {
            List<RpcServiceInstance> found = await connection.FindServicesAsync(cancellationToken: cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            int services = found.Select(instance => instance.Queue).Distinct().Count();
            Add(FindingKind.Ok, "finding", string.Create(CultureInfo.InvariantCulture, $"{services} services, {found.Count} instances"));
        }
        catch (RpcAccessDeniedException)
        {
            Add(FindingKind.Warning, "finding", "the user cannot list services", "To allow it, give the user the permission to write to the exchange 'rpc.services'. Calls do not need it.");
        }
    }

    /// <summary>Checks the instances of one service.</summary>
    public async Task CheckServiceAsync(string queue, CancellationToken cancellationToken)
    {
        try
        {
            List<RpcServiceInstance> instances = await connection.FindServicesAsync(queue, cancellationToken: cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            CheckInstances(instances);
            if (instances.Count > 0)
            {
                CheckLoad(await connection.GetStatisticsAsync(queue, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false));
            }
        }
        catch (RpcAccessDeniedException e)
        {
            Add(FindingKind.Warning, "instances", $"the instances cannot be asked: {e.Message}", "Ask somebody who can see the service's description.");
        }
    }

    private void CheckInstances(List<RpcServiceInstance> instances)
    {
        string count = string.Create(CultureInfo.InvariantCulture, $"{instances.Count} answered");
        if (instances.Count == 0)
        {
            Add(FindingKind.Failure, "instances", "none answered", "Start a server. If one runs, it hangs, uses the bare style, or is no RpcGen server.");
        }
        else if (instances.Select(instance => instance.Digest).Distinct().Count() is > 1 and var versions)
        {
            Add(FindingKind.Warning, "instances", string.Create(CultureInfo.InvariantCulture, $"{count}, with {versions} different descriptions"), "Finish the deployment. 'rpcgen list' shows the versions.");
        }
        else
        {
            Add(FindingKind.Ok, "instances", count);
        }
    }

    private void CheckLoad(List<RpcServiceStatistics> all)
    {
        long running = all.Sum(instance => (long)instance.Running);
        long places = all.Sum(instance => (long)instance.Places);
        string load = string.Create(CultureInfo.InvariantCulture, $"{running} of {places} places taken, {all.Sum(instance => (long)instance.Waiting)} calls waiting for one");
        if (places > 0 && running >= places)
        {
            Add(FindingKind.Warning, "load", load, "Every place is taken. 'rpcgen watch' shows the slow method. Add instances, or raise MaxConcurrentCalls.");
        }
        else
        {
            Add(FindingKind.Ok, "load", load);
        }

        if (all.Sum(instance => instance.Refused) is > 0 and var refused)
        {
            Add(FindingKind.Warning, "requests", string.Create(CultureInfo.InvariantCulture, $"{refused} requests for methods that the service does not have were refused"), "Check which contract their senders use.");
        }
    }

    private void Add(FindingKind kind, string check, string detail, string? remedy = null) => findings.Add(new Finding(kind, check, detail, remedy));
}
