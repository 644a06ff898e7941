namespace RpcGen.EndToEnd.Tests.Harness;

/// <summary>
/// A broker that tests use and break: the same suite runs on the real one and on the one in memory. Operations complete
/// when the broker has carried them out.
/// </summary>
public interface ITestBroker
{
    /// <summary>What to connect to.</summary>
    string Url { get; }

    /// <summary>A queue's state; null where there is none.</summary>
    Task<QueueInfo?> FindQueueAsync(string queue);

    /// <summary>
    /// Declares a durable queue as an operator may set one up: refusing what comes beyond a length, or handing on what is
    /// rejected.
    /// </summary>
    Task DeclareQueueAsync(string queue, int? maxLength = null, string? deadLetterQueue = null);

    /// <summary>Deletes a queue with what is in it.</summary>
    Task DeleteQueueAsync(string queue);
}

/// <summary>A broker of the test's own, which it may take down.</summary>
public interface IBreakableBroker : ITestBroker
{
    /// <summary>Closes every connection, as an operator does.</summary>
    Task CloseConnectionsAsync();

    /// <summary>Closes every channel as after an error, and leaves the connections open.</summary>
    Task CloseChannelsAsync();

    /// <summary>Raises an alarm: publishers are blocked.</summary>
    Task BlockAsync();

    /// <summary>Ends the alarm.</summary>
    Task UnblockAsync();

    /// <summary>Shuts the broker down; what is durable stays.</summary>
    Task StopAsync();

    /// <summary>Ends it as a crash does, even while it hangs; what is on disk stays.</summary>
    Task KillAsync();

    /// <summary>Starts it again, at the same address.</summary>
    Task StartAsync();

    /// <summary>Deletes all that a stopped broker has, queues above all.</summary>
    Task WipeAsync();

    /// <summary>Makes it hang: connections stay open, nothing is answered.</summary>
    Task PauseAsync();

    /// <summary>Lets it go on.</summary>
    Task ResumeAsync();
}

/// <summary>What an operator sees of a queue.</summary>
/// <param name="Ready">Messages that wait.</param>
/// <param name="Unacknowledged">Messages that were delivered and may come back; null where that can't be seen.</param>
/// <param name="Consumers">Consumers.</param>
public sealed record QueueInfo(long Ready, long? Unacknowledged, int Consumers);
