using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RpcGen.Cli;

/// <summary>Writes JSON for other programs.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one document and a line feed.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            write(writer);
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Writes an instance as an object.</summary>
    public static void WriteInstance(Utf8JsonWriter writer, RpcServiceInstance service)
    {
        writer.WriteStartObject();
        writer.WriteString("queue", service.Queue);
        writer.WriteString("contract", service.Contract);
        writer.WriteString("version", service.Version);
        writer.WriteString("digest", service.Digest);
        writer.WriteString("id", service.Instance.Id);
        writer.WriteString("process", service.Instance.ProcessName);
        writer.WriteNumber("processId", service.Instance.ProcessId);
        writer.WriteString("host", service.Instance.HostName);
        writer.WriteString("startedAt", service.Instance.StartedAt);
        writer.WriteString("software", service.Instance.Software);
        writer.WriteEndObject();
    }
}
