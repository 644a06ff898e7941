namespace RpcGen.Cli;

/// <summary>The streams of the tool. Results go to <paramref name="Out"/>, and everything else to <paramref name="Error"/>.</summary>
internal sealed record ToolConsole(TextWriter Out, TextWriter Error, TextReader In);
