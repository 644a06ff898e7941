using RpcGen.Benchmarks.Peers.Floor;
using RpcGen.Benchmarks.Peers.RpcGen;

namespace RpcGen.Benchmarks.Peers;

/// <summary>The names of peers that the acceptance table compares.</summary>
internal static class PeerNames
{
    public const string Raw = "raw";
    public const string Floor = "floor";
    public const string FloorAgain = "floor-again";
    public const string FloorAllProperties = "floor-props";
    public const string FloorAckEach = "floor-ack";
    public const string Tutorial = "tutorial";
    public const string MassTransit = "masstransit";
    public const string Grpc = "grpc";
    public const string StreamJsonRpc = "streamjsonrpc";
    public const string RpcGen = "rpcgen";
    public const string RpcGenSingle = "rpcgen-single";
    public const string RpcGenAtMostOnce = "rpcgen-once";
    public const string RpcGenIdempotent = "rpcgen-idempotent";
    public const string RpcGenTwoServers = "rpcgen-2-servers";
    public const string RpcGenQuorum = "rpcgen-quorum";
    public const string RpcGenTraced = "rpcgen-traced";
    public const string RpcGenContracts = "rpcgen-100-contracts";
    public const string Nats = "nats";
}

/// <summary>All peers.</summary>
internal static class PeerCatalog
{
    /// <summary>The peers of every run.</summary>
    public static IReadOnlyList<IPeer> Usual { get; } =
    [
        new FloorPeer(PeerNames.Raw, "one raw message, publish → consume: half a call", new FloorOptions { IsOneWay = true }),
        new FloorPeer(PeerNames.Floor, "hand-written floor: correlation_id and reply_to only; auto-ack", new FloorOptions()),
        new FloorPeer(PeerNames.FloorAgain, "the floor a second time (A/A): its ratio shows the noise", new FloorOptions()),
        new FloorPeer(PeerNames.FloorAllProperties, "floor that sends RpcGen's properties; auto-ack", new FloorOptions { SendsAllProperties = true }),
        new FloorPeer(PeerNames.FloorAckEach, "floor that acknowledges each request after its reply", new FloorOptions { AcksEach = true }),
        new TutorialPeer(PeerNames.Tutorial, "the tutorial's code for .NET, classic queue, prefetch 64; acknowledges each", "classic", 64),
        new MassTransitPeer(),
        new StreamJsonRpcPeer(),
        new GrpcPeer(),
        new DefaultRpcGenPeer(PeerNames.RpcGen, "RpcGen, defaults: acknowledged after the reply, batched"),
        new DefaultRpcGenPeer(PeerNames.RpcGenSingle, "RpcGen, one message per call: acknowledged after the reply", batching: false),
        new AtMostOnceRpcGenPeer(PeerNames.RpcGenAtMostOnce, "RpcGen, [RpcAtMostOnce], one message per call: acknowledged before it runs"),
        new IdempotentRpcGenPeer(PeerNames.RpcGenIdempotent, "RpcGen, [RpcIdempotent]: acknowledged after the reply, batched"),
        new DefaultRpcGenPeer(PeerNames.RpcGenTwoServers, "RpcGen, defaults, two servers on separate connections", servers: 2),
        new DefaultRpcGenPeer(PeerNames.RpcGenQuorum, "RpcGen, defaults, on a quorum queue", queueType: RpcQueueType.Quorum),
        new TracedRpcGenPeer(PeerNames.RpcGenTraced, "RpcGen, defaults, each call with two metadata entries and trace state, recorded by the OpenTelemetry SDK"),
        new ManyContractsPeer(PeerNames.RpcGenContracts, "RpcGen, 100 contracts in one process, called in turn, one message per call", contracts: 100),
    ];

    /// <summary>Peers that run only if they are named.</summary>
    public static IReadOnlyList<IPeer> Others { get; } =
    [
        new TutorialPeer("tutorial-quorum", "the tutorial's code as written: quorum queue, prefetch 1; acknowledges each", "quorum", 1),
        new FloorPeer("floor-inline", "floor whose callers continue on the dispatcher thread", new FloorOptions { RunsCallersInline = true }),
        new NatsPeer(),
        new FloorPeer("floor-ack-many", "floor that acknowledges after the reply, 16 at a time or after 5 ms", new FloorOptions { AcksEach = true, AcksTogether = 16 }),
    ];

    /// <summary>A unique number for each peer, the same in every process.</summary>
    public static int IndexOf(IPeer peer) => Usual.Concat(Others).TakeWhile(other => other != peer).Count();

    /// <summary>The peers with these names, or the usual ones if there are no names, and NATS if it is installed.</summary>
    public static IReadOnlyList<IPeer> Select(IReadOnlyList<string> names)
    {
        IPeer[] all = [.. Usual, .. Others];
        return names.Count == 0
            ? [.. Usual, .. Others.Where(peer => peer is NatsPeer && NatsPeer.IsInstalled)]
            : [.. names.Select(name => all.FirstOrDefault(peer => peer.Name == name)
                ?? throw new ArgumentException($"There is no peer '{name}'. Known peers: {string.Join(", ", all.Select(peer => peer.Name))}."))];
    }
}
