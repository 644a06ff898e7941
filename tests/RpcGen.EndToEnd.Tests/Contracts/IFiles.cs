namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>A service that sends and takes bytes, whose behaviour the test decides.</summary>
[AmqpRpc]
[RpcFault<FeedBrokenException>("feed-broken")]
public partial interface IFiles
{
    Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    ValueTask<Stream> DownloadIdempotentlyAsync(string name, CancellationToken cancellationToken = default);

    Task<string> UploadAsync(string name, Stream content, CancellationToken cancellationToken = default);

    /// <summary>Little can be on its way.</summary>
    [RpcStream(WindowBytes = 4096)]
    Task<Stream> DownloadNarrowlyAsync(string name, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="DownloadNarrowlyAsync"/>
    [RpcStream(WindowBytes = 4096)]
    Task<string> UploadNarrowlyAsync(string name, Stream content, CancellationToken cancellationToken = default);

    Task<Stream> ConvertAsync(Stream content, CancellationToken cancellationToken = default);

    Task<string> EchoAsync(string text, CancellationToken cancellationToken = default);
}

/// <param name="download">What the methods that return bytes do.</param>
/// <param name="upload">What the methods that take bytes do.</param>
public sealed class Files(
    Func<string, CancellationToken, Task<Stream>>? download = null, Func<string, Stream, CancellationToken, Task<string>>? upload = null, Func<Stream, CancellationToken, Task<Stream>>? convert = null) : IFiles
{
    public Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken) => download!(name, cancellationToken);

    public ValueTask<Stream> DownloadIdempotentlyAsync(string name, CancellationToken cancellationToken) => new(download!(name, cancellationToken));

    public Task<string> UploadAsync(string name, Stream content, CancellationToken cancellationToken) => upload!(name, content, cancellationToken);

    public Task<Stream> DownloadNarrowlyAsync(string name, CancellationToken cancellationToken) => download!(name, cancellationToken);

    public Task<string> UploadNarrowlyAsync(string name, Stream content, CancellationToken cancellationToken) => upload!(name, content, cancellationToken);

    public Task<Stream> ConvertAsync(Stream content, CancellationToken cancellationToken) => convert!(content, cancellationToken);

    public Task<string> EchoAsync(string text, CancellationToken cancellationToken) => Task.FromResult(text);
}
