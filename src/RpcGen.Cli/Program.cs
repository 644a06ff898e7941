namespace RpcGen.Cli;

/// <summary>The process.</summary>
internal static class Program
{
    private static Task<int> Main(string[] args)
    {
        var console = new ToolConsole(StandardOutput.Open(), Console.Error, Console.In, isTerminal: !Console.IsOutputRedirected)
        {
            OutBytes = Console.OpenStandardOutput(),
            InBytes = Console.OpenStandardInput(),
            IsErrorTerminal = !Console.IsErrorRedirected,
            IsInputTerminal = !Console.IsInputRedirected,
        };
        return Tool.RunAsync(args, console, CancellationToken.None);
    }
}
