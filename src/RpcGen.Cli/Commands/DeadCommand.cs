using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using RpcGen.Cli.DeadLetters;

namespace RpcGen.Cli.Commands;

/// <summary><c>rpcgen dead</c>: one-way requests that failed, in their dead-letter queue.</summary>
internal static class DeadCommand
{
    private const int MaxListed = 10_000;

    public static Command Create(CommonOptions common, ToolConsole console) => new("dead", "Show and repeat one-way requests that failed, in their dead-letter queue.")
    {
        CreateList(common, console),
        CreateShow(common, console),
        CreateReplay(common, console),
    };

    private static Argument<string> QueueArgument() => new("QUEUE") { Description = "The queue with the dead letters." };

    private static Command CreateList(CommonOptions common, ToolConsole console)
    {
        Argument<string> queue = QueueArgument();
        var max = new Option<int>("--max") { Description = "How many are listed.", DefaultValueFactory = _ => 100, CustomParser = Numbers.Read<int> };
        var command = new Command("list", "List dead letters. They stay in the queue, behind those that came meanwhile.") { queue, max };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            if (line.GetValue(max) is not (>= 1 and <= MaxListed and var count))
            {
                throw new UsageException($"--max must be at least 1 and at most {MaxListed}.");
            }

            DeadLetterQueue letters = await DeadLetterQueue.OpenAsync(common.AddressOf(line), line.GetRequiredValue(queue), cancellationToken).ConfigureAwait(false);
            await using (letters.ConfigureAwait(false))
            {
                var found = new List<DeadLetter>();
                while (found.Count < count && await letters.TakeAsync(cancellationToken).ConfigureAwait(false) is { } letter)
                {
                    found.Add(letter);
                }

                Write(console, found, line.GetValue(common.Json));
            }
        });
        return command;
    }

    private static Command CreateShow(CommonOptions common, ToolConsole console)
    {
        Argument<string> queue = QueueArgument();
        var id = new Argument<string>("ID") { Description = "The id of the call, as 'list' shows it." };
        var command = new Command("show", "Show the body of a dead letter.") { queue, id };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            DeadLetterQueue letters = await DeadLetterQueue.OpenAsync(common.AddressOf(line), line.GetRequiredValue(queue), cancellationToken).ConfigureAwait(false);
            await using (letters.ConfigureAwait(false))
            {
                DeadLetter letter = await FindAsync(letters, line.GetRequiredValue(id), cancellationToken).ConfigureAwait(false);
                console.Error.WriteLine(OneLine.Of($"{letter.Method} of {letter.Queue}, {letter.Reason} {TimeOf(letter)} {letter.Detail}".TrimEnd()));
                console.WriteExactly(letter.BodyText);
            }
        });
        return command;
    }

    private static Command CreateReplay(CommonOptions common, ToolConsole console)
    {
        Argument<string> queue = QueueArgument();
        var id = new Argument<string>("ID") { Description = "The id of the call, as 'list' shows it." };
        var force = new Option<bool>("--force") { Description = "Also repeat a method that is to run at most once, or whose service does not answer." };
        var command = new Command("replay", "Send a dead letter to its queue again, and remove it from this one. It runs again.") { queue, id, force };
        Tool.Run(command, console, async (line, cancellationToken) =>
        {
            DeadLetterQueue letters = await DeadLetterQueue.OpenAsync(common.AddressOf(line), line.GetRequiredValue(queue), cancellationToken).ConfigureAwait(false);
            await using (letters.ConfigureAwait(false))
            {
                DeadLetter letter = await FindAsync(letters, line.GetRequiredValue(id), cancellationToken).ConfigureAwait(false);
                if (letter.Queue.Length == 0)
                {
                    throw new UsageException("The message does not say from which queue it comes, so it is no dead letter.");
                }

                if (!line.GetValue(force))
                {
                    await ThrowIfAtMostOnceAsync(common, line, letter, cancellationToken).ConfigureAwait(false);
                }

                await letters.ReplayAsync(letter, cancellationToken).ConfigureAwait(false);
                console.Error.WriteLine(OneLine.Of($"{letter.Method} was sent to {letter.Queue} again."));
            }
        });
        return command;
    }

    private static async Task<DeadLetter> FindAsync(DeadLetterQueue letters, string id, CancellationToken cancellationToken)
    {
        while (await letters.TakeAsync(cancellationToken).ConfigureAwait(false) is { } letter)
        {
            if (letter.Id == id)
            {
                return letter;
            }
        }

        throw new UsageException($"The queue has no dead letter '{id}'.");
    }

    /// <summary>The description says whether a method can run again.</summary>
    private static async Task ThrowIfAtMostOnceAsync(CommonOptions common, ParseResult line, DeadLetter letter, CancellationToken cancellationToken)
    {
        RpcConnection connection = await common.ConnectAsync(line, cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            RpcServiceDescription description = await common.AskAsync(line, letter.Queue, token => connection.DescribeAsync(letter.Queue, token), cancellationToken).ConfigureAwait(false);
            RpcMethodDescription? method = description.Methods.FirstOrDefault(known => known.Name == letter.Method);
            if (method is null || method.Delivery == RpcDelivery.AtMostOnce)
            {
                throw new UsageException(method is null
                    ? $"'{letter.Queue}' has no method '{letter.Method}' any more. --force sends it all the same."
                    : $"'{letter.Method}' is to run at most once, and may have run. --force sends it again.");
            }
        }
    }

    private static void Write(ToolConsole console, List<DeadLetter> letters, bool isJson)
    {
        if (isJson)
        {
            JsonOutput.Write(console.Out, writer => Write(writer, letters));
            return;
        }

        if (letters.Count == 0)
        {
            console.Error.WriteLine("The queue is empty.");
            return;
        }

        Table.Write(console.Out, [["ID", "METHOD", "QUEUE", "REASON", "TIME", "BYTES"], .. letters.Select(letter =>
            (string[])[letter.Id, letter.Method, letter.Queue, letter.Reason, TimeOf(letter), letter.Body.Length.ToString(CultureInfo.InvariantCulture)])]);
    }

    private static void Write(Utf8JsonWriter writer, List<DeadLetter> letters)
    {
        writer.WriteStartArray();
        foreach (DeadLetter letter in letters)
        {
            writer.WriteStartObject();
            writer.WriteString("id", letter.Id);
            writer.WriteString("method", letter.Method);
            writer.WriteString("queue", letter.Queue);
            writer.WriteString("reason", letter.Reason);
            if (letter.Detail.Length > 0)
            {
                writer.WriteString("detail", letter.Detail);
            }

            writer.WriteString("time", letter.Time is null ? null : TimeOf(letter));
            writer.WriteNumber("bytes", letter.Body.Length);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static string TimeOf(DeadLetter letter) => letter.Time?.ToString("u", CultureInfo.InvariantCulture) ?? "";
}
