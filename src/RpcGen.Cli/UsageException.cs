namespace RpcGen.Cli;

/// <summary>The command line or the input cannot be used. The message has the remedy.</summary>
internal sealed class UsageException(string message) : Exception(message);
