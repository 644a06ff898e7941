namespace RpcGen.Cli.Calling;

/// <summary>Opens files that the command line names.</summary>
internal static class InputFiles
{
    /// <summary>Opens a file to read it.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.ReadWrite, Options = FileOptions.Asynchronous });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"'{path}' cannot be read: {e.Message}");
        }
    }
}
