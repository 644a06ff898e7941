using RpcGen.Cli;

return await Tool.RunAsync(args, new ToolConsole(Console.Out, Console.Error, Console.In, isTerminal: !Console.IsOutputRedirected), CancellationToken.None).ConfigureAwait(false);
