using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using RpcGen.Schemas;

namespace RpcGen.Explorer;

/// <summary>Calls a method for the page, and sends results and items to it as events. The call is cancelled when the page closes the request.</summary>
internal sealed class ExplorerCall(RpcConnection connection, ExplorerSettings settings)
{
    /// <summary>How many values of progress wait for the page. Older ones are left out.</summary>
    private const int MaxProgress = 64;
    private const int ChunkBytes = 48 * 1024;

    /// <summary>Answers a request.</summary>
    public async Task RunAsync(HttpContext context)
    {
        long start = TimeProvider.System.GetTimestamp();
        var events = new EventStream(context);
        try
        {
            if (await CallBody.ReadAsync(context.Request).ConfigureAwait(false) is not { } body || !settings.Shows(body.Queue))
            {
                context.Response.StatusCode = StatusCodes.Status400BadRequest;
                return;
            }

            await CallAsync(body, events, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or ArgumentException || e is OperationCanceledException && !context.RequestAborted.IsCancellationRequested)
        {
            await events.SendAsync(writer => FailureEvent.Write(writer, e)).ConfigureAwait(false);
        }

        await events.SendAsync(writer => writer.WriteNumber("done", TimeProvider.System.GetElapsedTime(start).TotalMilliseconds)).ConfigureAwait(false);
    }

    private async Task CallAsync(CallBody body, EventStream events, CancellationToken cancellationToken)
    {
        RpcServiceDescription description = await Questions.DescribeAsync(connection, body.Queue, cancellationToken).ConfigureAwait(false);
        RpcMethodDescription method = description.Methods.FirstOrDefault(method => method.Name == body.Method && !method.IsBroadcast)
            ?? throw new ArgumentException($"'{body.Queue}' has no method '{body.Method}' that can be called here.");
        var streams = new MethodStreams(method);
        RpcDynamicClient client = connection.CreateDynamicClient(body.Queue);
        if (method.IsOneWay)
        {
            await client.SendAsync(method.Name, body.Arguments, OptionsOf(method, body), cancellationToken).ConfigureAwait(false);
        }
        else if (streams.ReturnsItems)
        {
            await foreach (ReadOnlyMemory<byte> item in client.StreamAsync(method.Name, body.Arguments, OptionsOf(method, body), cancellationToken).ConfigureAwait(false))
            {
                await events.SendAsync(writer => writer.WriteString("item", item.Span)).ConfigureAwait(false);
            }
        }
        else if (streams.ReturnsBytes)
        {
            Stream content = await client.DownloadAsync(method.Name, body.Arguments, OptionsOf(method, body), cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                await SendBytesAsync(content, events, cancellationToken).ConfigureAwait(false);
            }
        }
        else
        {
            await CallWithProgressAsync(client, method, body, streams, events, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Values of progress are sent while the call runs, by this task alone.</summary>
    private static async Task CallWithProgressAsync(RpcDynamicClient client, RpcMethodDescription method, CallBody body, MethodStreams streams, EventStream events, CancellationToken cancellationToken)
    {
        var values = Channel.CreateBounded<(string Name, ReadOnlyMemory<byte> Value)>(new BoundedChannelOptions(MaxProgress) { FullMode = BoundedChannelFullMode.DropOldest });
        RpcDynamicCallOptions options = OptionsOf(method, body, streams.Progress.ToDictionary(progress => progress.Name, progress => (IProgress<ReadOnlyMemory<byte>>)new Progress(progress.Name, values.Writer)));
        Task<ReadOnlyMemory<byte>> call = client.CallAsync(method.Name, body.Arguments, options, cancellationToken);
        _ = call.ContinueWith(_ => values.Writer.Complete(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        await foreach ((string name, ReadOnlyMemory<byte> value) in values.Reader.ReadAllAsync(CancellationToken.None).ConfigureAwait(false))
        {
            await events.SendAsync(writer =>
            {
                writer.WriteString("progress", name);
                writer.WriteString("value", value.Span);
            }).ConfigureAwait(false);
        }

        ReadOnlyMemory<byte> result = await call.ConfigureAwait(false);
        if (!result.IsEmpty)
        {
            await events.SendAsync(writer => writer.WriteString("result", result.Span)).ConfigureAwait(false); // as text, because the page would round numbers
        }
    }

    private static async Task SendBytesAsync(Stream content, EventStream events, CancellationToken cancellationToken)
    {
        byte[] chunk = new byte[ChunkBytes];
        while (await content.ReadAsync(chunk, cancellationToken).ConfigureAwait(false) is > 0 and var count)
        {
            await events.SendAsync(writer => writer.WriteBase64String("bytes", chunk.AsSpan(0, count))).ConfigureAwait(false);
        }
    }

    /// <summary>What the method promises, as its description says.</summary>
    private static RpcDynamicCallOptions OptionsOf(RpcMethodDescription method, CallBody body, IReadOnlyDictionary<string, IProgress<ReadOnlyMemory<byte>>>? progress = null) => new()
    {
        Delivery = method.Delivery,
        IsDurable = method.IsDurable,
        Call = new RpcCallOptions { Timeout = method.Timeout ?? Timeout.InfiniteTimeSpan, Priority = method.Priority, Metadata = body.Metadata },
        Streams = body.Streams,
        ByteStreams = body.Bytes,
        Progress = progress ?? new Dictionary<string, IProgress<ReadOnlyMemory<byte>>>(),
    };

    private sealed class Progress(string name, ChannelWriter<(string Name, ReadOnlyMemory<byte> Value)> values) : IProgress<ReadOnlyMemory<byte>>
    {
        public void Report(ReadOnlyMemory<byte> value) => values.TryWrite((name, value));
    }
}
