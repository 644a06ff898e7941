using RpcGen.Protocol;
using RpcGen.Transport;

namespace RpcGen.Streams;

/// <summary>Compares the calls that a peer's beat lists with those that are open here. Runs on the consumer's thread.</summary>
internal static class BeatReader
{
    /// <summary>How many calls that are unknown here are answered for one beat. A peer can list any number.</summary>
    private const int MaxAnswers = 100;

    /// <summary>Reads a beat: tells calls whose messages were lost, and answers for calls that are unknown here.</summary>
    public static void Read(StreamLink link, StreamTable table, StreamPeer peer, in IncomingMessage beat)
    {
        int answers = 0;
        List<StreamCall>? incomplete = null;
        peer.BeginBeat();
        peer.Every = StreamBodies.ReadBeat(beat.Body.Span, OnEntry) ?? peer.Every;
        foreach (StreamCall call in table.CallsOf(peer))
        {
            if (incomplete?.Contains(call) == true || peer.HasDropped(call))
            {
                call.OnLost(new StreamLoss(StreamLossKind.MessagesLost, "messages of the stream were lost on the way"));
            }
        }

        void OnEntry(BeatEntry entry)
        {
            StreamCall? call = entry.IsServed ? table.FindMade(entry.Id) : table.FindServed(peer.Queue, entry.Id);
            if (call is not null && call.Peer == peer)
            {
                if (peer.OnListed(call, in entry) == BeatFinding.Lost)
                {
                    (incomplete ??= []).Add(call);
                }
            }
            else if (answers++ < MaxAnswers)
            {
                Answer(link, peer, in entry);
            }
        }
    }

    /// <summary>The peer lists a call that is unknown here.</summary>
    private static void Answer(StreamLink link, StreamPeer peer, in BeatEntry entry)
    {
        if (entry.IsServed)
        {
            link.PostCancel(peer.Queue, entry.Id);
            return;
        }

        var problem = new PooledBuffer();
        FaultWriter.Write(problem, FaultCodes.Interrupted, "The stream was interrupted.", "The server does not have the stream any more.");
        byte[] body = problem.Written.ToArray();
        problem.Release();
        _ = link.TryPublishAsync(link.To(peer.Queue, WireNames.Fault, entry.Id, body)).AsTask();
    }
}
