using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace RpcGen.Explorer;

/// <summary>Tells the page which services run, and describes them.</summary>
internal sealed class ServiceListing(RpcConnection connection, ExplorerSettings settings)
{
    /// <summary>Writes the services that answer, with their instances.</summary>
    public async Task WriteAsync(HttpContext context)
    {
        var found = new List<RpcServiceInstance>();
        RpcException? failure = null;
        try
        {
            await foreach (RpcServiceInstance instance in connection.FindServicesAsync(cancellationToken: context.RequestAborted).ConfigureAwait(false))
            {
                if (settings.Shows(instance.Queue))
                {
                    found.Add(instance);
                }
            }
        }
        catch (RpcException e)
        {
            failure = e; // services can still be opened by name
        }

        await new EventStream(context).SendAsync(writer => Write(writer, found, failure)).ConfigureAwait(false);
    }

    /// <summary>Writes a description.</summary>
    public static async Task WriteDescriptionAsync(HttpContext context, RpcConnection connection, string queue)
    {
        var events = new EventStream(context);
        try
        {
            RpcServiceDescription description = await Questions.DescribeAsync(connection, queue, context.RequestAborted).ConfigureAwait(false);
            await events.SendAsync(writer =>
            {
                writer.WritePropertyName("description");
                JsonElement.Parse(description.Utf8Json.Span).WriteTo(writer); // without the line breaks that it can have
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or ArgumentException)
        {
            await events.SendAsync(writer => FailureEvent.Write(writer, e)).ConfigureAwait(false);
        }
    }

    private void Write(Utf8JsonWriter writer, List<RpcServiceInstance> found, RpcException? failure)
    {
        writer.WriteBoolean("readOnly", settings.IsReadOnly);
        if (failure is not null)
        {
            FailureEvent.Write(writer, failure);
        }

        writer.WriteStartArray("services");
        foreach (IGrouping<string, RpcServiceInstance> service in found.GroupBy(instance => instance.Queue).OrderBy(service => service.Key, StringComparer.Ordinal))
        {
            writer.WriteStartObject();
            writer.WriteString("queue", service.Key);
            writer.WriteString("contract", service.First().Contract);
            writer.WriteStartArray("instances");
            foreach (RpcServiceInstance instance in service.OrderBy(instance => instance.Instance.StartedAt))
            {
                Write(writer, instance);
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, RpcServiceInstance instance)
    {
        writer.WriteStartObject();
        writer.WriteString("id", instance.Instance.Id);
        writer.WriteString("version", instance.Version);
        writer.WriteString("digest", instance.Digest);
        writer.WriteString("process", instance.Instance.ProcessName);
        writer.WriteNumber("processId", instance.Instance.ProcessId);
        writer.WriteString("host", instance.Instance.HostName);
        writer.WriteString("startedAt", instance.Instance.StartedAt);
        writer.WriteString("software", instance.Instance.Software);
        writer.WriteEndObject();
    }
}
