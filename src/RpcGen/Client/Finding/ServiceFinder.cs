using System.Runtime.CompilerServices;
using RpcGen.Connections;
using RpcGen.Protocol;
using RpcGen.Runtime;
using RpcGen.Transport;

namespace RpcGen.Client.Finding;

/// <summary>
/// Asks every running instance about itself. It has a channel and a callback queue of its own for each question, so that a refusal of
/// the broker ends nothing else. Thread-safe.
/// </summary>
internal sealed class ServiceFinder(Supervisor<ITransportConnection> connections, SessionSettings settings, RpcEnvironment environment)
{
    private readonly InstanceAsker _asker = new(connections, settings, environment);

    /// <summary>How long a search lasts if nothing else is said.</summary>
    public static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(2);

    /// <summary>The longest search.</summary>
    public static readonly TimeSpan MaxWindow = TimeSpan.FromMinutes(1);

    /// <summary>Finds instances.</summary>
    /// <param name="queue">The queue that they serve; null for all queues.</param>
    /// <param name="window">The longest time.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public IAsyncEnumerable<RpcServiceInstance> FindAsync(string? queue, TimeSpan window, CancellationToken cancellationToken) =>
        AskAsync(InstanceQuestion.Ping, queue, window, cancellationToken);

    /// <summary>Gets the statistics of the instances of a queue.</summary>
    /// <param name="queue">The queue that they serve.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public IAsyncEnumerable<RpcServiceStatistics> GetStatisticsAsync(string queue, CancellationToken cancellationToken) =>
        AskAsync(InstanceQuestion.Stats, queue, DefaultWindow, cancellationToken);

    private async IAsyncEnumerable<T> AskAsync<T>(InstanceQuestion<T> question, string? queue, TimeSpan window, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : class
    {
        var answers = new InstanceAnswers<T>(question, queue, environment.Time, window);
        OutgoingMessage message = _asker.Create(question.Method.Name, queue, window);
        AskedInstances asked = await _asker.OpenAsync(message, answers, cancellationToken).ConfigureAwait(false);
        await using (asked.ConfigureAwait(false))
        {
            if (!await _asker.TryAskAsync(asked, cancellationToken).ConfigureAwait(false))
            {
                yield break; // the exchange does not exist, so no server is discoverable
            }

            bool isAnswered = false;
            await foreach (T answer in answers.ReadAsync(asked.Channel.Closed, cancellationToken).ConfigureAwait(false))
            {
                isAnswered = true;
                yield return answer;
            }

            if (asked.Channel.Closed.IsCompleted)
            {
                string reason = (await asked.Channel.Closed.ConfigureAwait(false)).Reason;
                throw new RpcConnectionException($"The connection to {settings.Broker} was lost while services were asked: {reason}. There can be more of them.") { Execution = RpcExecution.Started };
            }

            if (!isAnswered && answers.Refusal is { } refusal)
            {
                throw FaultReader.Read(refusal, question.Method, queue ?? message.Exchange, message.CorrelationId.ToString()!, hasEarlierAttempts: false, out _);
            }
        }
    }
}
