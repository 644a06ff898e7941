using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace RpcGen.Cli;

/// <summary>Writes JSON for other programs.</summary>
internal static class JsonOutput
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions LineOptions = Options with { Indented = false };

    /// <summary>Writes one document and a line feed.</summary>
    public static void Write(TextWriter output, Action<Utf8JsonWriter> write) => Write(output, Options, write);

    /// <summary>Writes one document as one line.</summary>
    public static void WriteLine(TextWriter output, Action<Utf8JsonWriter> write) => Write(output, LineOptions, write);

    /// <summary>The text of a document, with the same line feeds on all systems.</summary>
    public static string ToText(JsonNode document)
    {
        using var text = new StringWriter { NewLine = "\n" };
        Write(text, writer => document.WriteTo(writer));
        return text.ToString();
    }

    private static void Write(TextWriter output, JsonWriterOptions options, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, options))
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
