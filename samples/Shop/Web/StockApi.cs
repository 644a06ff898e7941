using System.Net.ServerSentEvents;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Shop;

/// <summary>The stock over HTTP, as server-sent events: a browser reads them with <c>EventSource</c>.</summary>
internal static class StockApi
{
    public static void MapStock(this WebApplication app, Tokens tokens)
    {
        #region feed
        app.MapGet("/stock", (IInventory inventory, IHostApplicationLifetime host) =>
            TypedResults.ServerSentEvents(inventory.WatchAsync().UntilStopped(host.ApplicationStopping), "stock"));
        #endregion
        app.MapPost("/stocktakings", (IInventory inventory, CancellationToken cancellationToken) =>
            TypedResults.ServerSentEvents(CountAsync(inventory, cancellationToken)));

        // In place of a login.
        app.MapPost("/tokens", (string name, string role) => tokens.Create(name, role, Tokens.Inventory));
    }

    #region progress
    /// <summary>The progress of a call, then its result.</summary>
    private static async IAsyncEnumerable<SseItem<object>> CountAsync(IInventory inventory, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var percent = Channel.CreateUnbounded<int>();
        Task<Stocktaking> counting = RunAsync();
        await foreach (int value in percent.Reader.ReadAllAsync(cancellationToken))
        {
            yield return new(value, "percent");
        }

        yield return new(await counting, "result");

        async Task<Stocktaking> RunAsync()
        {
            try
            {
                return await inventory.CountAsync(new Writer(percent.Writer), cancellationToken);
            }
            finally
            {
                percent.Writer.Complete();
            }
        }
    }
    #endregion

    /// <summary>Unlike <see cref="Progress{T}"/>, keeps the values in order, and before the result.</summary>
    private sealed class Writer(ChannelWriter<int> percent) : IProgress<int>
    {
        public void Report(int value) => percent.TryWrite(value);
    }
}
