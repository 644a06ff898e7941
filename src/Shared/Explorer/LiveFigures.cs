using Microsoft.AspNetCore.Http;
using RpcGen.Watching;

namespace RpcGen.Explorer;

/// <summary>Sends what the instances of a service do, each second, until the page closes the request.</summary>
internal static class LiveFigures
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Sends the figures.</summary>
    public static async Task WriteAsync(HttpContext context, RpcConnection connection, string queue)
    {
        var events = new EventStream(context);
        var sampler = new Sampler(connection, queue);
        while (true)
        {
            long start = TimeProvider.System.GetTimestamp();
            await SendAsync(events, sampler, context.RequestAborted).ConfigureAwait(false);
            TimeSpan left = Interval - TimeProvider.System.GetElapsedTime(start);
            await Task.Delay(left > TimeSpan.Zero ? left : TimeSpan.Zero, TimeProvider.System, context.RequestAborted).ConfigureAwait(false);
        }
    }

    private static async Task SendAsync(EventStream events, Sampler sampler, CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<ServiceView> views = await sampler.SampleAsync(cancellationToken).ConfigureAwait(false);
            await events.SendAsync(writer =>
            {
                if (views is [var view])
                {
                    writer.WritePropertyName("figures");
                    FigureWriter.Write(writer, view);
                }
                else
                {
                    writer.WriteNull("figures"); // no instance answers
                }
            }).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or ArgumentException)
        {
            await events.SendAsync(writer => FailureEvent.Write(writer, e)).ConfigureAwait(false);
        }
    }
}
