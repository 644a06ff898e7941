using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RpcGen.Explorer;

/// <summary>Sends events to the page: one JSON object a line, each as soon as it is there. One sender at a time.</summary>
internal sealed class EventStream(HttpContext context)
{
    private readonly ArrayBufferWriter<byte> _line = new();

    /// <summary>Sends an event.</summary>
    public async Task SendAsync(Action<Utf8JsonWriter> write)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/x-ndjson; charset=utf-8";
        }

        _line.ResetWrittenCount();
        using (var writer = new Utf8JsonWriter(_line))
        {
            writer.WriteStartObject();
            write(writer);
            writer.WriteEndObject();
        }

        _line.Write("\n"u8);
        await context.Response.Body.WriteAsync(_line.WrittenMemory, context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
