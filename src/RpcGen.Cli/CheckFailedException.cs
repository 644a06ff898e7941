namespace RpcGen.Cli;

/// <summary>The command did its work, and the result is not what it should be.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
