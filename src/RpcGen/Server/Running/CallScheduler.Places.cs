namespace RpcGen.Server.Running;

/// <content>The places of long calls.</content>
internal sealed partial class CallScheduler
{
    private int _left;
    private int _outliving;

    /// <summary>How many places are taken. Read under the lock.</summary>
    private int TakenPlaces => _running.Count - _left + (_outliving == 0 ? outside?.Count ?? 0 : 0);

    /// <summary>A place outside of this scheduler was given back.</summary>
    public void OnPlaceFreed()
    {
        lock (_gate)
        {
            QueueWorkerIfNeeded();
        }
    }

    /// <inheritdoc/>
    void ICallPlaces.Leave(ServerCall call, ILongCall taken)
    {
        lock (_gate)
        {
            if (call.Long == taken && !call.HasLeftPlace)
            {
                call.HasLeftPlace = true;
                _left++;
                QueueWorkerIfNeeded();
            }
        }
    }

    /// <summary>Ends a call, as <see cref="End(ServerCall)"/> does.</summary>
    /// <param name="call">The call.</param>
    /// <param name="wasAdopted">Whether it was taken over as a long one.</param>
    public bool Finish(ServerCall call, out bool wasAdopted)
    {
        lock (_gate)
        {
            bool hadLeft = call.HasLeftPlace;
            wasAdopted = call.EndLong();
            if (hadLeft)
            {
                _left--;
            }
            else if (wasAdopted && _outliving > 0)
            {
                _outliving--;
                outside!.Leave();
            }

            return End(call);
        }
    }

    /// <summary>The channel is lost: the calls that were taken over go on, and keep their places. Called under the lock.</summary>
    private void CountOutliving(int kept)
    {
        outside?.Take(kept - _outliving);
        _outliving = kept;
    }
}
