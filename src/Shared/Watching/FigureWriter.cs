using System.Text.Json;

namespace RpcGen.Watching;

/// <summary>Writes what instances say as JSON.</summary>
internal static class FigureWriter
{
    /// <summary>Writes the figures of a service. Counts are those since the start of the instances.</summary>
    public static void Write(Utf8JsonWriter writer, ServiceView view)
    {
        writer.WriteStartObject();
        writer.WriteString("queue", view.Queue);
        writer.WriteNumber("instances", view.Instances);
        writer.WriteNumber("places", view.Places);
        writer.WriteNumber("running", view.Running);
        writer.WriteNumber("waiting", view.Waiting);
        if (view.Depth is { } depth)
        {
            writer.WriteNumber("depth", depth);
        }
        else
        {
            writer.WriteNull("depth");
        }

        writer.WriteNumber("refused", view.Refused);
        writer.WriteStartArray("methods");
        foreach (MethodView method in view.Methods)
        {
            Write(writer, method);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, MethodView method)
    {
        writer.WriteStartObject();
        writer.WriteString("name", method.Name);
        writer.WriteNumber("inFlight", method.Total.InFlight);
        writer.WriteNumber("answered", method.Total.Answered);
        writer.WriteNumber("faulted", method.Total.Faulted);
        writer.WriteNumber("cancelled", method.Total.Cancelled);
        writer.WriteNumber("refused", method.Total.Refused);
        WriteRate(writer, "callsPerSecond", method.CallsPerSecond);
        WriteRate(writer, "faultsPerSecond", method.FaultsPerSecond);
        writer.WriteStartArray("durations");
        foreach (long count in method.Total.Durations)
        {
            writer.WriteNumberValue(count);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteRate(Utf8JsonWriter writer, string name, double? rate)
    {
        if (rate is { } value)
        {
            writer.WriteNumber(name, value);
        }
        else
        {
            writer.WriteNull(name);
        }
    }
}
