using System.Buffers;
using System.CommandLine;
using System.CommandLine.Completions;

namespace RpcGen.Cli;

/// <summary>
/// Completes the names of services and methods by asking the broker. What takes too long or fails completes nothing. Names that mean something
/// to a shell are left out: a service could otherwise write a command into the line of the tool's user.
/// </summary>
internal static class Completions
{
    private static readonly SearchValues<char> Harmless = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(1);

    /// <summary>The argument that names a service. The help shows its name: without one, it would ask the broker, and list all services.</summary>
    public static Argument<string> Service(CommonOptions common)
    {
        var service = new Argument<string>("SERVICE") { HelpName = "SERVICE", Description = "The request queue." };
        service.CompletionSources.Add(context => Complete(common, context, async (connection, token) =>
        {
            var queues = new SortedSet<string>(StringComparer.Ordinal);
            await foreach (RpcServiceInstance instance in connection.FindServicesAsync(window: Limit / 2, cancellationToken: token).ConfigureAwait(false))
            {
                queues.Add(instance.Queue);
            }

            return queues;
        }));
        return service;
    }

    /// <summary>The argument that names a method.</summary>
    public static Argument<string> Method(CommonOptions common, Argument<string> service)
    {
        var method = new Argument<string>("METHOD") { HelpName = "METHOD", Description = "The method." };
        method.CompletionSources.Add(context => Complete(common, context, async (connection, token) =>
            context.ParseResult.GetValue(service) is { Length: > 0 } queue
                ? (await connection.DescribeAsync(queue, token).ConfigureAwait(false)).Methods.Select(known => known.Name)
                : []));
        return method;
    }

    private static IEnumerable<CompletionItem> Complete(CommonOptions common, CompletionContext context, Func<RpcConnection, CancellationToken, Task<IEnumerable<string>>> ask)
    {
        try
        {
            // The parser asks synchronously. There is no context to return to, so waiting cannot block the answer.
            IEnumerable<string> names = Task.Run(() => AskAsync(common, context.ParseResult, ask)).GetAwaiter().GetResult();
            return [.. names.Where(IsHarmless).Where(name => name.StartsWith(context.WordToComplete, StringComparison.OrdinalIgnoreCase)).Select(name => new CompletionItem(name))];
        }
        catch (Exception e) when (e is RpcException or OperationCanceledException or ArgumentException)
        {
            return [];
        }
    }

    private static bool IsHarmless(string name) => name.Length > 0 && name[0] != '-' && !name.AsSpan().ContainsAnyExcept(Harmless);

    private static async Task<IEnumerable<string>> AskAsync(CommonOptions common, ParseResult line, Func<RpcConnection, CancellationToken, Task<IEnumerable<string>>> ask)
    {
        using var late = new CancellationTokenSource(Limit, TimeProvider.System);
        RpcConnection connection = await common.ConnectAsync(line, late.Token).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            return await ask(connection, late.Token).ConfigureAwait(false);
        }
    }
}
