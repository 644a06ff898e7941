namespace RpcGen.Cli;

/// <summary>What the tool's exit code says. Part of its interface: scripts rely on it.</summary>
internal static class ExitCodes
{
    public const int Success = 0;
    public const int Fault = 1;
    public const int Usage = 2;
    public const int Unavailable = 3;
    public const int Timeout = 4;
    public const int Connection = 5;
    public const int AccessDenied = 6;
    public const int Cancelled = 130;
}
