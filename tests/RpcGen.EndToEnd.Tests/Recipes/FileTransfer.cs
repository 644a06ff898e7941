using System.Security.Cryptography;

namespace RpcGen.EndToEnd.Tests.Recipes;

#region contract
[AmqpRpc]
public partial interface IFiles
{
    Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken = default);

    /// <summary>Returns the SHA-256 of what has arrived.</summary>
    Task<string> UploadAsync(string name, Stream content, IProgress<long>? received = null, CancellationToken cancellationToken = default);
}
#endregion

public sealed class FileService(string folder) : IFiles
{
    #region service
    public Task<Stream> DownloadAsync(string name, CancellationToken cancellationToken) => Task.FromResult<Stream>(File.OpenRead(PathOf(name)));

    public async Task<string> UploadAsync(string name, Stream content, IProgress<long>? received, CancellationToken cancellationToken)
    {
        string part = $"{PathOf(name)}.{Guid.NewGuid():N}.part"; // if the caller is lost, the file does not look complete
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using (FileStream file = File.Create(part))
        {
            byte[] buffer = new byte[81920];
            while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
            {
                hash.AppendData(buffer, 0, count);
                await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
                received?.Report(file.Position);
            }
        }

        File.Move(part, PathOf(name), overwrite: true);
        return Convert.ToHexString(hash.GetHashAndReset());
    }

    // The name comes from the caller: it must not lead out of the folder.
    private string PathOf(string name) => Path.Combine(folder, Path.GetFileName(name));
    #endregion
}

internal static class FileClient
{
    public static async Task UploadAsync(IFiles files, string path, TextWriter output, CancellationToken cancellationToken)
    {
        #region upload
        await using FileStream file = File.OpenRead(path);
        long length = file.Length;
        var progress = new Progress<long>(bytes => output.Write($"\r{bytes * 100 / length} %"));
        string received = await files.UploadAsync("backup.tar", file, progress, cancellationToken);

        file.Position = 0;
        if (received != Convert.ToHexString(await SHA256.HashDataAsync(file, cancellationToken)))
        {
            throw new IOException("The service has received something else. Has the file changed meanwhile?");
        }
        #endregion
    }

    public static async Task<string> DownloadAsync(IFiles files, string path, CancellationToken cancellationToken)
    {
        #region download
        await using Stream content = await files.DownloadAsync("backup.tar", cancellationToken);
        await using FileStream file = File.Create(path);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[81920];
        while (await content.ReadAsync(buffer, cancellationToken) is > 0 and var count)
        {
            hash.AppendData(buffer, 0, count);
            await file.WriteAsync(buffer.AsMemory(0, count), cancellationToken);
        }

        string received = Convert.ToHexString(hash.GetHashAndReset());
        #endregion
        return received;
    }
}
