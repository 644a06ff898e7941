namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>
/// A broker that tests use and break: RabbitMQ or the one in memory. Operations complete
/// when they have taken effect.
/// </summary>
public interface ITestBroker
{
    /// <summary>The address.</summary>
    string Url { get; }

    /// <summary>A queue's state; null if it does not exist.</summary>
    Task<QueueInfo?> FindQueueAsync(string queue);

    /// <summary>
    /// Declares a durable queue with an operator's settings: a maximum length with rejection, or a dead-letter
    /// exchange.
    /// </summary>
    Task DeclareQueueAsync(string queue, int? maxLength = null, string? deadLetterQueue = null);

    /// <summary>Deletes a queue with its messages.</summary>
    Task DeleteQueueAsync(string queue);
}

/// <summary>A broker that the test can break.</summary>
public interface IBreakableBroker : ITestBroker
{
    /// <summary>Closes every connection, as an operator does.</summary>
    Task CloseConnectionsAsync();

    /// <summary>Closes every channel as after an error. The connections stay open.</summary>
    Task CloseChannelsAsync();

    /// <summary>Raises an alarm: publishers are blocked.</summary>
    Task BlockAsync();

    /// <summary>Ends the alarm.</summary>
    Task UnblockAsync();

    /// <summary>Shuts the broker down. Durable data is kept.</summary>
    Task StopAsync();

    /// <summary>Kills the broker, even while it hangs. Data on disk is kept.</summary>
    Task KillAsync();

    /// <summary>Starts the broker again at the same address.</summary>
    Task StartAsync();

    /// <summary>Deletes all data of a stopped broker, including its queues.</summary>
    Task WipeAsync();

    /// <summary>Makes the broker hang: connections stay open, nothing is answered.</summary>
    Task PauseAsync();

    /// <summary>Resumes the broker.</summary>
    Task ResumeAsync();
}

/// <summary>A queue as an operator sees it.</summary>
/// <param name="Ready">Messages that wait.</param>
/// <param name="Unacknowledged">Messages that are delivered but not acknowledged; null if unknown.</param>
/// <param name="Consumers">Consumers.</param>
public sealed record QueueInfo(long Ready, long? Unacknowledged, int Consumers);
