using System.Globalization;
using RpcGen.Chaos;
using RpcGen.Chaos.Peers;
using RpcGen.Chaos.Workers;

if (args is ["server" or "client", ..])
{
    return await WorkerProcess.RunAsync(args[0], args[1], args[2], int.Parse(args[3], CultureInfo.InvariantCulture), int.Parse(args[4], CultureInfo.InvariantCulture));
}

if (args is ["holder", _, _, ..])
{
    await HolderProcess.RunAsync(args[1], args[2], args[3..]);
    return 0;
}

try
{
    return await new ChaosRun(Options.Parse(args)).RunAsync();
}
catch (ArgumentException e)
{
    await Console.Error.WriteLineAsync(e.Message);
    return 64;
}
