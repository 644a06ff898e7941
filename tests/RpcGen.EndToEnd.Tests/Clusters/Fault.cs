using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Clusters;

/// <summary>What happens to a node of a cluster, and how it ends.</summary>
internal sealed record Fault(string Name, Func<ClusterNode, Task> BreakAsync, Func<ClusterNode, Task> MendAsync)
{
    public static readonly Fault CutOff = new("cut off", node => node.CutOffAsync(), ReconnectAsync);

    public static readonly Fault[] All =
    [
        new("killed", node => node.KillAsync(), node => node.StartAsync()),
        new("hangs", node => node.PauseAsync(), GoOnAsync),
        CutOff,
    ];

    /// <summary>
    /// Resumes a node. It first handles the data in its socket buffers, as if no time had passed, and does not notice that it was stopped.
    /// Until its restart it shares no metadata with the other nodes.
    /// </summary>
    private static async Task GoOnAsync(ClusterNode node)
    {
        await node.ResumeAsync();
        await node.CountConnectionsAsync();
        await node.KillAsync();
        await node.StartAsync();
    }

    /// <summary>A node that has not noticed that it was alone, or has not yet paused, would not join the others again.</summary>
    private static async Task ReconnectAsync(ClusterNode node)
    {
        try
        {
            await Wait.UntilAsync(node.IsAloneAsync, $"{node.Name} notices that it is alone");
        }
        finally
        {
            await node.ReconnectAsync();
        }
    }
}
