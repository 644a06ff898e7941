using RpcGen.Cli;

return await Tool.RunAsync(args, new ToolConsole(Console.Out, Console.Error, Console.In), CancellationToken.None).ConfigureAwait(false);
