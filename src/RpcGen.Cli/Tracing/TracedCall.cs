namespace RpcGen.Cli.Tracing;

/// <summary>Makes a call while all services are watched, and shows what they tell of it.</summary>
internal sealed class TracedCall(RpcConnection connection, string queue, RpcMethodDescription method, ToolConsole console)
{
    /// <summary>No more events are awaited when none has come for so long. Instances gather events for a tenth of a second.</summary>
    private static readonly TimeSpan Quiet = TimeSpan.FromMilliseconds(400);

    /// <summary>How long the event of the call itself is awaited, if its service is watched.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(10);

    /// <summary>Calls, and writes the hops. The exception of a call that fails is thrown after that.</summary>
    public async Task RunAsync(string trace, byte[] arguments, RpcDynamicCallOptions options, bool isJson, CancellationToken cancellationToken)
    {
        RpcCallWatch watch = await WatchAsync(new RpcWatchFilter { TraceId = trace }, cancellationToken).ConfigureAwait(false);
        await using (watch.ConfigureAwait(false))
        {
            RpcException? failure = null;
            long start = TimeProvider.System.GetTimestamp();
            try
            {
                RpcDynamicClient client = connection.CreateDynamicClient(queue);
                await (method.IsOneWay ? client.SendAsync(method.Name, arguments, options, cancellationToken) : client.CallAsync(method.Name, arguments, options, cancellationToken)).ConfigureAwait(false);
            }
            catch (RpcException e)
            {
                failure = e;
            }

            TimeSpan elapsed = TimeProvider.System.GetElapsedTime(start);
            Write(await CollectAsync(watch, cancellationToken).ConfigureAwait(false), elapsed, isJson);
            if (failure is not null)
            {
                throw failure;
            }
        }
    }

    /// <summary>Watches all services, or only the called one if this user cannot ask all.</summary>
    private async Task<RpcCallWatch> WatchAsync(RpcWatchFilter filter, CancellationToken cancellationToken)
    {
        try
        {
            return await connection.WatchAsync(queue: null, filter, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcAccessDeniedException e)
        {
            console.Error.WriteLine(OneLine.Of($"Only '{queue}' is watched: {e.Message}"));
            return await connection.WatchAsync(queue, filter, cancellationToken).ConfigureAwait(false);
        }
    }

    private bool IsFirst(RpcCallEvent ended) => ended.Service.Queue == queue && ended.Method == method.Name;

    private async Task<List<RpcCallEvent>> CollectAsync(RpcCallWatch watch, CancellationToken cancellationToken)
    {
        var events = new List<RpcCallEvent>();
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        over.CancelAfter(watch.Instances.Any(instance => instance.Queue == queue) ? Longest : Quiet);
        try
        {
            await foreach (RpcCallEvent ended in watch.ReadAllAsync(over.Token).ConfigureAwait(false))
            {
                events.Add(ended);
                if (events.Exists(IsFirst))
                {
                    over.CancelAfter(Quiet);
                }
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing more has come.
        }

        return events;
    }

    private void Write(List<RpcCallEvent> events, TimeSpan elapsed, bool isJson)
    {
        IReadOnlyList<Hop> hops = Hops.Order(events, IsFirst);
        if (isJson)
        {
            JsonOutput.Write(console.Out, writer =>
            {
                writer.WriteStartArray();
                foreach (Hop hop in hops)
                {
                    CallEventText.Write(writer, hop.Ended);
                }

                writer.WriteEndArray();
            });
            return;
        }

        if (hops.Count > 0)
        {
            Table.Write(console.Out, [["CALL", "OUTCOME", "MS", "WAITED MS", "HOST"], .. hops.Select(RowOf)]);
        }

        if (!events.Exists(IsFirst))
        {
            console.Error.WriteLine($"No instance of '{OneLine.Of(queue)}' told of the call: none ran it, or it cannot be watched.");
        }

        console.Error.WriteLine($"The call took {CallEventText.Milliseconds(elapsed)} ms here{(method.IsOneWay ? ", until the broker had it" : "")}.");
    }

    private static string[] RowOf(Hop hop) =>
    [
        $"{new string(' ', 2 * hop.Depth)}{hop.Ended.Service.Queue} {hop.Ended.Method}",
        CallEventText.OutcomeOf(hop.Ended),
        hop.Ended.Duration is { } run ? CallEventText.Milliseconds(run) : "-",
        CallEventText.Milliseconds(hop.Ended.Waited),
        hop.Ended.Service.Instance.HostName,
    ];
}
