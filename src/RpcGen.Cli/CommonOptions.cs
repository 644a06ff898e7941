using System.CommandLine;

namespace RpcGen.Cli;

/// <summary>Options of every command.</summary>
internal sealed class CommonOptions
{
    private const string Variable = "RPCGEN_BROKER";
    private const string LocalBroker = "amqp://guest:guest@localhost";

    /// <summary>The broker's address.</summary>
    public Option<string?> Broker { get; } = new("--broker")
    {
        Description = $"The broker's address. Prefer the environment variable {Variable}: other users of the machine can see command lines. Default: {LocalBroker}",
        Recursive = true,
    };

    /// <summary>Whether to write JSON.</summary>
    public Option<bool> Json { get; } = new("--json") { Description = "Write JSON.", Recursive = true };

    /// <summary>The time limit, in seconds.</summary>
    public Option<double?> Timeout { get; } = new("--timeout")
    {
        Description = "The time limit in seconds. Default: the method's, and 5 for questions.",
        Recursive = true,
        CustomParser = result => Numbers.Read<double>(result),
    };

    /// <summary>The broker's address, with its password: it must not be shown.</summary>
    public string AddressOf(ParseResult line) => line.GetValue(Broker) ?? Environment.GetEnvironmentVariable(Variable) ?? LocalBroker;

    /// <summary>Connects to the broker of a command line.</summary>
    public async Task<RpcConnection> ConnectAsync(ParseResult line, CancellationToken cancellationToken)
    {
        var options = new RpcConnectionOptions { ConnectionName = "rpcgen" };
        return await RpcConnection.ConnectAsync(AddressOf(line), options, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The time limit; null for the default.</summary>
    /// <exception cref="UsageException">It is not positive.</exception>
    public TimeSpan? LimitOf(ParseResult line) => line.GetValue(Timeout) switch
    {
        null => null,
        > 0 and < 1e6 and { } seconds => TimeSpan.FromSeconds(seconds),
        _ => throw new UsageException("--timeout must be a positive number of seconds."),
    };

    /// <summary>Gets the description of a service.</summary>
    /// <exception cref="RpcUnavailableException">There is no such queue. The message names similar ones that are served.</exception>
    public async Task<RpcServiceDescription> DescribeAsync(ParseResult line, RpcConnection connection, string queue, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(line, queue, token => connection.DescribeAsync(queue, token), cancellationToken).ConfigureAwait(false);
        }
        catch (RpcUnavailableException e)
        {
            throw new RpcUnavailableException($"{e.Message.TrimEnd('.')}. {await SimilarNames.DescribeAsync(connection, queue, cancellationToken).ConfigureAwait(false)}", queue);
        }
    }

    /// <summary>Runs a question within its time limit.</summary>
    public async Task<T> AskAsync<T>(ParseResult line, string service, Func<CancellationToken, Task<T>> question, CancellationToken cancellationToken)
    {
        TimeSpan limit = LimitOf(line) ?? TimeSpan.FromSeconds(5);
        using var late = new CancellationTokenSource(limit, TimeProvider.System);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, late.Token);
        try
        {
            return await question(ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RpcTimeoutException($"No server of '{service}' answered within {limit.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture)} s. Is one running? --timeout sets another limit.");
        }
    }
}
