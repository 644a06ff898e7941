using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RpcGen.Cli.Schemas;
using RpcGen.Schemas;

namespace RpcGen.Cli.Calling;

/// <summary>What a command line says about its calls.</summary>
/// <param name="Flags">Arguments as flags and values.</param>
/// <param name="Limit">The time limit; null for the method's.</param>
/// <param name="CheckBefore">Whether to check arguments and items against the description.</param>
/// <param name="Output">Where bytes go: a file, or <c>-</c> for the standard output; null if nothing is said.</param>
/// <param name="Metadata">The metadata of each call; null for none.</param>
internal sealed record CallRequest(IReadOnlyList<string> Flags, TimeSpan? Limit, bool CheckBefore, string? Output, RpcMetadata? Metadata);

/// <summary>The calls of one command line.</summary>
internal sealed class MethodCall(RpcDynamicClient client, RpcMethodDescription method, SchemaDocument document, CallRequest request, ToolConsole console)
{
    /// <summary>A cancel leaves in the background. The connection stays open for so long after Ctrl+C.</summary>
    private static readonly TimeSpan CancelTime = TimeSpan.FromMilliseconds(300);

    private readonly MethodStreams _streams = new(method);

    /// <summary>Calls once, or once for each line of the standard input.</summary>
    /// <param name="data">The arguments as JSON, <c>@FILE</c>, or <c>-</c> for lines.</param>
    /// <param name="cancellationToken">Cancels the calls.</param>
    public async Task RunAsync(string? data, CancellationToken cancellationToken)
    {
        ThrowIfNotCallable();
        if (data != "-")
        {
            await CallAsync(await CallArguments.ReadAsync(data, cancellationToken).ConfigureAwait(false), isInputTaken: false, cancellationToken).ConfigureAwait(false);
            return;
        }

        while (await console.In.ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } text)
        {
            if (!string.IsNullOrWhiteSpace(text))
            {
                await CallAsync(CallArguments.Parse(text), isInputTaken: true, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private void ThrowIfNotCallable()
    {
        CallArguments.ThrowIfBroadcast(method);
        if (request.Output is not null && !_streams.ReturnsBytes)
        {
            throw new UsageException($"'{method.Name}' returns no bytes, which --output is for. '> FILE' writes JSON to a file.");
        }

        if (_streams.ReturnsBytes && request.Output is null && console.IsTerminal)
        {
            throw new UsageException($"'{method.Name}' returns bytes. -o FILE writes them to a file, and -o - to the terminal.");
        }
    }

    private async Task CallAsync(JsonObject body, bool isInputTaken, CancellationToken cancellationToken)
    {
        List<string> flags = [.. request.Flags];
        using var sources = UploadSources.Take(body, flags, _streams, console, parameter => new JsonLines(parameter, document, request.CheckBefore));
        if (sources.FromInput is { } parameter)
        {
            SayInput(parameter, isInputTaken);
        }

        byte[] arguments = CallArguments.Complete(body, flags, method, document, request.CheckBefore);
        using var progress = new ProgressLine(console);
        Dictionary<string, IProgress<ReadOnlyMemory<byte>>> shown = console.IsErrorTerminal ? _streams.Progress.ToDictionary(known => known.Name, known => progress.For(known.Name)) : [];
        RpcDynamicCallOptions options = CallArguments.OptionsOf(method, request.Limit, request.Metadata, sources, shown);
        try
        {
            await (method.IsOneWay ? client.SendAsync(method.Name, arguments, options, cancellationToken)
                : _streams.ReturnsItems ? WriteItemsAsync(client.StreamAsync(method.Name, arguments, options, cancellationToken))
                : _streams.ReturnsBytes ? WriteBytesAsync(client.DownloadAsync(method.Name, arguments, options, cancellationToken), cancellationToken)
                : WriteResultAsync(client.CallAsync(method.Name, arguments, options, cancellationToken), progress)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Task.Delay(CancelTime, TimeProvider.System, CancellationToken.None).ConfigureAwait(false);
            throw;
        }
    }

    private void SayInput(string parameter, bool isInputTaken)
    {
        if (isInputTaken)
        {
            throw new UsageException($"-d - reads the standard input, and so does the stream '{parameter}': --{parameter} @FILE reads it from a file.");
        }

        if (console.IsInputTerminal)
        {
            console.Error.WriteLine($"Reading the stream '{parameter}' from the terminal, {(_streams.Uploads.First(known => known.Name == parameter).IsBytes ? "" : "one JSON value a line, ")}until Ctrl+D.");
        }
    }

    private async Task WriteResultAsync(Task<ReadOnlyMemory<byte>> call, ProgressLine progress)
    {
        ReadOnlyMemory<byte> result = await call.ConfigureAwait(false);
        progress.Dispose();
        if (!result.IsEmpty)
        {
            console.WriteExactly(Encoding.UTF8.GetString(result.Span));
        }
    }

    /// <summary>Writes one item a line. A reader that has enough ends the stream.</summary>
    private async Task WriteItemsAsync(IAsyncEnumerable<ReadOnlyMemory<byte>> items)
    {
        await foreach (ReadOnlyMemory<byte> item in items.ConfigureAwait(false))
        {
            if (!console.TryWriteExactly(OneLine(item)))
            {
                return;
            }
        }
    }

    private static string OneLine(ReadOnlyMemory<byte> item)
    {
        if (!item.Span.ContainsAny((byte)'\n', (byte)'\r'))
        {
            return Encoding.UTF8.GetString(item.Span);
        }

        using var line = new StringWriter { NewLine = "" };
        JsonOutput.WriteLine(line, JsonElement.Parse(item.Span).WriteTo);
        return line.ToString();
    }

    private async Task WriteBytesAsync(Task<Stream> call, CancellationToken cancellationToken)
    {
        Stream content = await call.ConfigureAwait(false);
        await using (content.ConfigureAwait(false))
        {
            Stream output = request.Output is null or "-" ? console.OutBytes : CreateFile(request.Output);
            await using (output.ConfigureAwait(false))
            {
                await content.CopyToAsync(output, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static FileStream CreateFile(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, Options = FileOptions.Asynchronous });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"'{path}' cannot be written: {e.Message}");
        }
    }
}
