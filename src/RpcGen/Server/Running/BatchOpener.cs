using System.Text.Json;
using RpcGen.Protocol;

namespace RpcGen.Server.Running;

/// <summary>Reads the calls of a batch.</summary>
/// <param name="methods">The names of the served methods, so that reading one creates no new string.</param>
internal sealed class BatchOpener(KnownNames methods)
{
    /// <summary>Reads all calls of a batch.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="rent">Gives an object for each call.</param>
    /// <param name="calls">Gets the calls.</param>
    /// <exception cref="RpcProtocolException">The batch cannot be read, is empty or has too many calls.</exception>
    public void Open(ServerCall batch, Func<ServerCall> rent, List<ServerCall> calls)
    {
        try
        {
            var reader = new BatchReader(batch.Body.Span);
            while (reader.NextEntry())
            {
                BatchEntry entry = ReadEntry(ref reader, batch.Body);
                ServerCall call = rent();
                call.BeginEntry(batch.Delivery, in entry);
                calls.Add(call);
            }
        }
        catch (JsonException e)
        {
            throw new RpcProtocolException($"The batch cannot be read: {e.Message}", e);
        }

        if (calls.Count == 0)
        {
            throw new RpcProtocolException("The batch has no calls.");
        }
    }

    private BatchEntry ReadEntry(ref BatchReader reader, ReadOnlyMemory<byte> body)
    {
        string? method = reader.ReadText(methods);
        long budget = reader.ReadNumber();
        string? traceParent = reader.HasElement ? reader.ReadText() : null;
        Dictionary<string, object?>? headers = reader.HasElement ? reader.ReadHeaders() : null;
        reader.EndEntry();
        return new BatchEntry(reader.Id, method, budget, body[reader.Body], traceParent, headers);
    }
}
