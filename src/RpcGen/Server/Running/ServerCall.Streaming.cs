using RpcGen.Diagnostics;
using RpcGen.Server.Streaming;

namespace RpcGen.Server.Running;

/// <content>How a call hands over to its stream.</content>
internal sealed partial class ServerCall
{
    /// <summary>Hands the started call over to its stream, which outlives it and answers its caller.</summary>
    /// <param name="endLease">Ends the lease of the service.</param>
    public StreamEstate HandOver(Func<ValueTask> endLease)
    {
        RpcCallContext context = Context;
        ServerObservation? observation = Observation;
        lock (_gate)
        {
            _context = null;
        }

        Observation = null;
        Deadline = long.MaxValue;
        IsOneWay = true;
        return new StreamEstate(context, observation, endLease);
    }
}
