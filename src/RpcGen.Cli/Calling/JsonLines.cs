using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Calling;

/// <summary>Reads the items of a stream that a call sends: one JSON value a line.</summary>
/// <param name="parameter">The parameter.</param>
/// <param name="document">The description.</param>
/// <param name="check">Whether to check items against the description.</param>
internal sealed class JsonLines(StreamParameter parameter, SchemaDocument document, bool check)
{
    /// <summary>The items of a file, which the caller disposes.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> OfFile(Stream file) => ReadAsync(new StreamReader(file).ReadLineAsync);

    /// <summary>The items of the standard input.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> OfInput(InputReader input) => ReadAsync(input.ReadLineAsync);

    /// <summary>The items of an array.</summary>
    public IAsyncEnumerable<ReadOnlyMemory<byte>> OfArray(JsonArray items)
    {
        var lines = new Queue<string>(items.Select(item => item?.ToJsonString() ?? "null"));
        return ReadAsync(_ => new ValueTask<string?>(lines.TryDequeue(out string? line) ? line : null));
    }

    private async IAsyncEnumerable<ReadOnlyMemory<byte>> ReadAsync(Func<CancellationToken, ValueTask<string?>> readLine, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        for (long number = 0; await readLine(cancellationToken).ConfigureAwait(false) is { } line;)
        {
            if (!string.IsNullOrWhiteSpace(line))
            {
                yield return ToItem(line, number++);
            }
        }
    }

    /// <exception cref="UsageException">The line is not such an item.</exception>
    private byte[] ToItem(string line, long number)
    {
        string path = $"{parameter.Name}[{number}]";
        JsonElement item;
        try
        {
            item = JsonElement.Parse(line);
        }
        catch (JsonException e)
        {
            throw new UsageException($"{path} is not JSON: {e.Message} The call was broken off there.");
        }

        IReadOnlyList<string> violations = check ? new SchemaValidator(document).Check(item, parameter.Items, path) : [];
        return violations.Count == 0
            ? Encoding.UTF8.GetBytes(line)
            : throw new UsageException($"{string.Join(" ", violations)} The call was broken off there; --no-validate sends such items.");
    }
}
