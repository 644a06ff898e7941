using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Calling;

/// <summary>Makes the body of a request from a command line.</summary>
internal static class CallArguments
{
    /// <summary>Reads JSON that is given on the command line, or in a file as <c>@FILE</c>. Nothing is an empty object.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static async Task<JsonObject> ReadAsync(string? data, CancellationToken cancellationToken)
    {
        if (data is not ['@', .. var path])
        {
            return Parse(data ?? "{}");
        }

        try
        {
            return Parse(await File.ReadAllTextAsync(path, cancellationToken).ConfigureAwait(false));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {e.Message}");
        }
    }

    /// <summary>Reads JSON.</summary>
    /// <exception cref="UsageException">It is not an object.</exception>
    public static JsonObject Parse(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? throw new UsageException("The arguments must be a JSON object with one member for each parameter. --skeleton shows an example.");
        }
        catch (JsonException e)
        {
            throw new UsageException($"The arguments are not JSON: {e.Message}");
        }
    }

    /// <summary>Adds the arguments that flags give, and writes the body.</summary>
    /// <param name="body">The arguments that are known.</param>
    /// <param name="flags">The flags.</param>
    /// <param name="method">The method.</param>
    /// <param name="document">Its description.</param>
    /// <param name="check">Whether to check the body against the description.</param>
    /// <exception cref="UsageException">A flag or the body is wrong.</exception>
    public static byte[] Complete(JsonObject body, IReadOnlyList<string> flags, RpcMethodDescription method, SchemaDocument document, bool check)
    {
        ArgumentFlags.Apply(body, flags, method.Arguments, document);
        byte[] arguments = Encoding.UTF8.GetBytes(body.ToJsonString());
        IReadOnlyList<string> violations = check ? new SchemaValidator(document).Check(JsonElement.Parse(arguments), method.Arguments) : [];
        return violations.Count == 0 ? arguments : throw new UsageException($"{string.Join(" ", violations)} Nothing was sent; --no-validate sends it.");
    }

    /// <summary>The promises of a method, as its description says, and the streams of a call.</summary>
    public static RpcDynamicCallOptions OptionsOf(RpcMethodDescription method, TimeSpan? limit, RpcMetadata? metadata = null, UploadSources? sources = null, IReadOnlyDictionary<string, IProgress<ReadOnlyMemory<byte>>>? progress = null) => new()
    {
        Delivery = method.Delivery,
        IsDurable = method.IsDurable,
        Call = new RpcCallOptions { Timeout = limit ?? method.Timeout ?? Timeout.InfiniteTimeSpan, Priority = method.Priority, Metadata = metadata },
        Streams = sources?.Items ?? new Dictionary<string, IAsyncEnumerable<ReadOnlyMemory<byte>>>(),
        ByteStreams = sources?.Bytes ?? new Dictionary<string, Stream>(),
        Progress = progress ?? new Dictionary<string, IProgress<ReadOnlyMemory<byte>>>(),
    };

    /// <summary>Reads metadata, given as <c>NAME=VALUE</c>; null for none.</summary>
    /// <exception cref="UsageException">It cannot be sent.</exception>
    public static RpcMetadata? MetadataOf(IReadOnlyList<string> entries)
    {
        try
        {
            return entries.Count == 0 ? null : new RpcMetadata(entries.Select(entry => entry.Split('=', 2)).Select(parts => KeyValuePair.Create(parts[0], parts.Length == 2 ? parts[1] : throw new UsageException($"--metadata must be NAME=VALUE, and '{parts[0]}' is not."))));
        }
        catch (ArgumentException e)
        {
            throw new UsageException($"The metadata cannot be sent: {e.Message}");
        }
    }

    /// <exception cref="UsageException">The method is a broadcast.</exception>
    public static void ThrowIfBroadcast(RpcMethodDescription method)
    {
        if (method.IsBroadcast)
        {
            throw new UsageException($"'{method.Name}' is a broadcast, which 'rpcgen' does not send.");
        }
    }

    /// <exception cref="UsageException">The method is not called with one request and one reply, or one request alone.</exception>
    public static void ThrowIfNotSimple(RpcMethodDescription method, string command)
    {
        ThrowIfBroadcast(method);
        if (new MethodStreams(method).HasStream)
        {
            throw new UsageException($"'{method.Name}' has a stream, which '{command}' does not send or read.");
        }
    }
}
