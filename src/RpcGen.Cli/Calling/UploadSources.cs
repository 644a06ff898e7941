using System.Text.Json.Nodes;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Calling;

/// <summary>
/// Where the streams that a call sends come from: <c>--NAME @FILE</c>, <c>--NAME -</c> for the standard input, or an array in the arguments. The only
/// stream of a method comes from the standard input if nothing is said.
/// </summary>
internal sealed class UploadSources : IDisposable
{
    private readonly Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> _items = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Stream> _bytes = new(StringComparer.Ordinal);

    private readonly List<FileStream> _opened = [];

    private UploadSources()
    {
    }

    /// <summary>The streams of items, by parameter.</summary>
    public IReadOnlyDictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>> Items => _items;

    /// <summary>The streams of bytes, by parameter.</summary>
    public IReadOnlyDictionary<string, Stream> Bytes => _bytes;

    /// <summary>The parameter that comes from the standard input; null if none does.</summary>
    public string? FromInput { get; private set; }

    /// <summary>Takes the streams out of the arguments, and opens their files.</summary>
    /// <param name="body">The arguments. Those of streams are removed.</param>
    /// <param name="flags">Flags and values. Those of streams are removed.</param>
    /// <param name="streams">The streams of the method.</param>
    /// <param name="console">The standard input.</param>
    /// <param name="lines">Reads items of a parameter.</param>
    /// <exception cref="UsageException">A stream has no source, or one that cannot be used.</exception>
    public static UploadSources Take(JsonObject body, List<string> flags, MethodStreams streams, ToolConsole console, Func<StreamParameter, JsonLines> lines)
    {
        var sources = new UploadSources();
        foreach (StreamParameter parameter in streams.Uploads)
        {
            string? place = TakeFlag(flags, parameter.Name);
            body.Remove(parameter.Name, out JsonNode? given);
            if (place is null && given is JsonArray array && !parameter.IsBytes)
            {
                sources._items.Add(parameter.Name, lines(parameter).OfArray(array));
                continue;
            }

            sources.Add(parameter, place ?? DefaultPlace(parameter, given, streams), console, lines);
        }

        return sources;
    }

    public void Dispose() => _opened.ForEach(file => file.Dispose());

    private static string DefaultPlace(StreamParameter parameter, JsonNode? given, MethodStreams streams) =>
        given is not null ? throw new UsageException($"The stream '{parameter.Name}' cannot be given like that: {Ways(parameter)}")
        : streams.Uploads.Count == 1 ? "-"
        : throw new UsageException($"The stream '{parameter.Name}' is missing: {Ways(parameter)}");

    private static string Ways(StreamParameter parameter) =>
        $"--{parameter.Name} @FILE reads it from a file, {(parameter.IsBytes ? "" : "one JSON value a line, ")}and --{parameter.Name} - from the standard input.";

    private void Add(StreamParameter parameter, string place, ToolConsole console, Func<StreamParameter, JsonLines> lines)
    {
        if (place is ['@', .. var path])
        {
            FileStream file = InputFiles.Open(path);
            _opened.Add(file);
            if (parameter.IsBytes)
            {
                _bytes.Add(parameter.Name, file);
            }
            else
            {
                _items.Add(parameter.Name, lines(parameter).OfFile(file));
            }

            return;
        }

        if (place != "-")
        {
            throw new UsageException($"The stream '{parameter.Name}' cannot be '{place}': {Ways(parameter)}");
        }

        if (FromInput is { } other)
        {
            throw new UsageException($"Only one stream can come from the standard input, and '{other}' does: {Ways(parameter)}");
        }

        FromInput = parameter.Name;
        if (parameter.IsBytes)
        {
            _bytes.Add(parameter.Name, new InputStream(console.InBytes));
        }
        else
        {
            _items.Add(parameter.Name, lines(parameter).OfInput(console.In));
        }
    }

    /// <summary>Removes <c>--NAME VALUE</c> or <c>--NAME=VALUE</c>. Returns the value; null without the flag.</summary>
    private static string? TakeFlag(List<string> flags, string name)
    {
        for (int i = 0; i < flags.Count; i++)
        {
            if (flags[i] == $"--{name}" && i + 1 < flags.Count)
            {
                string value = flags[i + 1];
                flags.RemoveRange(i, 2);
                return value;
            }

            if (flags[i].StartsWith($"--{name}=", StringComparison.Ordinal))
            {
                string value = flags[i][$"--{name}=".Length..];
                flags.RemoveAt(i);
                return value;
            }
        }

        return null;
    }
}
