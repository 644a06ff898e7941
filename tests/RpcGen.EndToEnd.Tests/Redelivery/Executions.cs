using System.Collections.Concurrent;
using System.Globalization;
using RpcGen.EndToEnd.Tests.Contracts;

namespace RpcGen.EndToEnd.Tests.Redelivery;

/// <summary>Counts the runs of calls, and those of redelivered requests whose callers had their answers.</summary>
internal sealed class Executions
{
    private readonly ConcurrentDictionary<string, int> _runs = new();
    private readonly ConcurrentDictionary<string, bool> _answered = new();
    private int _needless;
    private readonly ConcurrentQueue<string> _failures = new();

    /// <summary>How often handlers ran.</summary>
    public int Runs => _runs.Values.Sum();

    /// <summary>
    /// How many runs of redelivered requests started after the caller had an answer. A first delivery can do that too: the server
    /// was about to run it when its connection was cut, and another server was faster.
    /// </summary>
    public int NeedlessRuns => Volatile.Read(ref _needless);

    /// <summary>Why calls got no answer.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>What calls run.</summary>
    public Task<string> ActAsync(string text, CancellationToken cancellationToken)
    {
        _runs.AddOrUpdate(text, 1, static (_, count) => count + 1);
        if (RpcCallContext.Current!.IsRedelivered && _answered.ContainsKey(text))
        {
            Interlocked.Increment(ref _needless);
        }

        return Task.FromResult(text);
    }

    /// <summary>Makes calls from several callers at a time: at least so many each, and until enough has happened.</summary>
    public Task CallAsync(ITroublemaker client, int callers, int callsEach, Func<bool> isEnough, Action onCall) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
    {
        for (int call = 0; call < callsEach || !isEnough(); call++)
        {
            string text = string.Create(CultureInfo.InvariantCulture, $"{caller}.{call}");
            try
            {
                Assert.Equal(text, await client.DoAsync(text, CancellationToken.None));
                _answered[text] = true;
            }
            catch (RpcException e)
            {
                _failures.Enqueue($"{text}: {e}");
            }

            onCall();
        }
    })));
}
