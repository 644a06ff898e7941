using RpcGen.Simulation.Scheduling;
using RpcGen.Transport;

namespace RpcGen.Simulation.Wire;

/// <summary>How the wires of a schedule behave, and which connections there are.</summary>
internal sealed class Network(VirtualTime time, SimRandom random, Tampering tampering)
{
    private readonly double _latency = random.Pick(0, 0, 0.3, 5, 40);

    /// <summary>The clock.</summary>
    public VirtualTime Time { get; } = time;

    /// <summary>What a planted bug does to messages.</summary>
    public Tampering Tampering { get; } = tampering;

    /// <summary>Whether no delivery says that it is one again, and the processes know that.</summary>
    public bool HidesRedelivery { get; init; }

    /// <summary>Called with each message that a process publishes.</summary>
    public Action<OutgoingMessage>? Published { get; set; }

    /// <summary>How many frames a sender can have on their way in one channel before it has to wait.</summary>
    public int Capacity { get; } = random.Pick(1, 4, 128, 128);

    /// <summary>The open connections, oldest first.</summary>
    public List<WireConnection> Connections { get; } = [];

    /// <summary>When a frame that is sent now arrives.</summary>
    public long NextArrival() => _latency == 0 ? Time.Now : Time.Now + random.UpTo(_latency).Ticks;

    /// <summary>The way of one process to the broker.</summary>
    public ITransport Connect(ITransport broker) => new WireTransport(this, broker);
}
