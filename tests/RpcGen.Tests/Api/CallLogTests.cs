using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using RpcGen.Tests.Hosting;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Api;

/// <summary>The log of single calls.</summary>
public sealed class CallLogTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Each_call_has_a_message_on_both_sides_with_one_id()
    {
        var log = new CategoryLog(LogLevel.Debug);
        await using RpcConnection connection = await ConnectAsync(log);
        await connection.ServeAsync<IStock>(new Stock(), cancellationToken: Cancel);

        await connection.CreateClient<IStock>().CountAsync("four", Cancel);

        string client = await log.NextAsync(70), server = await log.NextAsync(71);
        string id = client.Split(' ')[1];
        Assert.StartsWith($"Call {id} of stock/Count on queue stock ended ", server, StringComparison.Ordinal);
        Assert.EndsWith(": ok. It was sent 1 times.", client, StringComparison.Ordinal);
        Assert.EndsWith(": ok.", server, StringComparison.Ordinal);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_call_that_nobody_waits_for_any_more_leaves_its_id_on_the_server_also_without_Debug()
    {
        var log = new CategoryLog(LogLevel.Information);
        await using RpcConnection connection = await ConnectAsync(log);
        await connection.ServeAsync<IStock>(new WaitingStock(), cancellationToken: Cancel);
        using var cancellation = new CancellationTokenSource();

        Task<int> call = connection.CreateClient<IStock>().CountAsync("x", cancellation.Token);
        await WaitingStock.Started.WaitAsync(Bounds.Soon, Cancel);
        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        string line = await log.NextAsync(72);
        Assert.StartsWith("Call ", line, StringComparison.Ordinal);
        Assert.EndsWith(" ms after its request came: its caller had cancelled it.", line, StringComparison.Ordinal);
        Assert.Equal(0, log.Count(70) + log.Count(71));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Draining_and_the_stop_are_logged_and_a_log_that_fails_ends_no_call()
    {
        var log = new CategoryLog(LogLevel.Debug) { FailsForCalls = true };
        await using RpcConnection connection = await ConnectAsync(log);
        RpcServer server = await connection.ServeAsync<IStock>(new Stock(), cancellationToken: Cancel);
        Assert.Equal(4, await connection.CreateClient<IStock>().CountAsync("four", Cancel));

        await server.StopAsync(Cancel);

        // The caller has its result before the server is done with the call.
        Assert.Matches(@"^Queue stock is no longer consumed\. [01] running and 0 waiting calls are drained\.$", await log.NextAsync(54));
        Assert.Equal("The server of queue stock has stopped.", await log.NextAsync(55));
    }

    private static Task<RpcConnection> ConnectAsync(ILoggerFactory log) =>
        RpcConnection.ConnectAsync(Application.NewAddress(), new RpcConnectionOptions { LoggerFactory = log }, Cancel);

    private sealed class WaitingStock : IStock
    {
        private static readonly TaskCompletionSource Begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static Task Started => Begun.Task;

        public async Task<int> CountAsync(string item, CancellationToken cancellationToken)
        {
            Begun.TrySetResult();
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }
    }

    /// <summary>Keeps the messages of both categories by their ids.</summary>
    private sealed class CategoryLog(LogLevel level) : ILoggerFactory
    {
        private readonly ConcurrentQueue<(int Id, string Text)> _lines = new();

        public bool FailsForCalls { get; init; }

        public int Count(int id) => _lines.Count(line => line.Id == id);

        public async Task<string> NextAsync(int id)
        {
            while (Count(id) == 0)
            {
                await Task.Delay(1, Cancel);
            }

            return _lines.First(line => line.Id == id).Text;
        }

        public ILogger CreateLogger(string categoryName) => new Category(this, isOfCalls: categoryName == "RpcGen.Calls");

        public void AddProvider(ILoggerProvider provider)
        {
            // It has none.
        }

        public void Dispose()
        {
            // Nothing to release.
        }

        private sealed class Category(CategoryLog log, bool isOfCalls) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => logLevel >= log.Level;

            public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
            {
                if (isOfCalls && log.FailsForCalls)
                {
                    throw new InvalidOperationException("The log is full.");
                }

                Assert.Equal(isOfCalls, eventId.Id is >= 70 and < 80);
                log._lines.Enqueue((eventId.Id, formatter(state, exception)));
            }

        }

        public LogLevel Level => level;
    }
}
