using System.Text.Json;

namespace RpcGen.Server.Running;

/// <summary>What a server tells about its calls. Reading costs time, counting hardly any. Thread-safe.</summary>
/// <param name="handlers">The methods.</param>
/// <param name="others">The requests that name none of them.</param>
/// <param name="places">How many calls run at a time.</param>
internal sealed class InstanceStatistics(IReadOnlyCollection<MethodHandler> handlers, MethodCounters others, int places)
{
    private Func<(int Running, int Waiting)>? _readLoad;

    /// <summary>Sets what counts the calls of the current link.</summary>
    public void SetSource(Func<(int Running, int Waiting)> readLoad) => Volatile.Write(ref _readLoad, readLoad);

    /// <summary>Writes the members of the reply to <c>$stats</c>.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        (int running, int waiting) = Volatile.Read(ref _readLoad)?.Invoke() ?? default;
        writer.WriteNumber("places", places);
        writer.WriteNumber("running", running);
        writer.WriteNumber("waiting", waiting);
        writer.WriteNumber("refused", others.Refused);
        writer.WriteStartArray("methods");
        foreach (MethodHandler handler in handlers)
        {
            writer.WriteStartObject();
            writer.WriteString("name", handler.Method.Name);
            handler.Counters.Write(writer);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
