using System.Collections.Concurrent;
using System.Diagnostics;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Connections;

/// <summary>An operator closes every connection repeatedly under load.</summary>
public sealed class ConnectionStormTests(PrivateRabbit broker) : FailureTest(broker), IClassFixture<PrivateRabbit>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Every_call_ends_within_its_deadline_and_nothing_is_left_behind()
    {
        for (int i = 0; i < 2; i++)
        {
            await ServeAsync((text, _) => Task.FromResult(text));
        }

        RpcConnection connection = await ConnectAsync();
        ITroublemaker client = connection.CreateClient<ITroublemaker>(new RpcClientOptions(ClientOptions) { Timeout = Deadline });
        using var end = new CancellationTokenSource();
        var outcomes = new ConcurrentDictionary<string, int>();
        var overdue = new ConcurrentBag<TimeSpan>();

        Task[] callers = [.. Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (int i = 0; !end.IsCancellationRequested; i++)
            {
                string text = $"{caller}.{i}";
                long start = Stopwatch.GetTimestamp();
                string outcome = "answered";
                try
                {
                    string answer = caller % 2 == 0 ? await client.DoAsync(text, Cancel) : await client.DoIdempotentlyAsync(text, Cancel);
                    outcome = answer == text ? "answered" : $"answered wrongly: {answer} for {text}";
                }
                catch (RpcException e)
                {
                    outcome = e.GetType().Name;
                }

                outcomes.AddOrUpdate(outcome, 1, (_, count) => count + 1);
                if (Stopwatch.GetElapsedTime(start) > Deadline + TimeSpan.FromSeconds(1))
                {
                    overdue.Add(Stopwatch.GetElapsedTime(start));
                }
            }
        }))];
        for (int second = 0; second < 30; second++)
        {
            await ((RabbitNode)Broker).CloseConnectionsAsync();
            await Task.Delay(TimeSpan.FromSeconds(1), Cancel);
        }

        await end.CancelAsync();
        await Task.WhenAll(callers).OrFail();

        TestContext.Current.SendDiagnosticMessage("{0}", string.Join(", ", outcomes.Select(pair => $"{pair.Key}: {pair.Value}")));
        Assert.Empty(overdue);
        Assert.DoesNotContain(outcomes.Keys, outcome => outcome.StartsWith("answered wrongly", StringComparison.Ordinal));
        Assert.True(outcomes["answered"] > 1_000, $"Only {outcomes["answered"]} calls were answered.");
        Assert.Equal(0, connection.PendingCalls);
        string[] answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => client.With(timeout: TimeSpan.FromMinutes(1)).DoAsync($"{i}", Cancel))).OrFail();
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), answers);
        await UntilQueueIsEmptyAsync();
    }
}
