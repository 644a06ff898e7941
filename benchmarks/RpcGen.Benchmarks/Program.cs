using RpcGen.Benchmarks.Allocations;
using RpcGen.Benchmarks.Growth;
using RpcGen.Benchmarks.Micro;
using RpcGen.Benchmarks.Overload;
using RpcGen.Benchmarks.Startup;
using RpcGen.Benchmarks.Surroundings;
using RpcGen.Benchmarks.Wire;

return args switch
{
    ["wire", .. string[] rest] => await WireAsync(new Arguments(rest, WireOptions.Names, WireOptions.Flags)),
    ["micro", .. string[] rest] => Micro(new Arguments(rest, MicroRun.Names, [])),
    ["growth", .. string[] rest] => await GrowthAsync(new Arguments(rest, GrowthRun.Names, GrowthRun.Flags)),
    ["overload", .. string[] rest] => await OverloadAsync(new Arguments(rest, OverloadRun.Names, [])),
    ["startup", .. string[] rest] => await StartupAsync(new Arguments(rest, StartupRun.Names, [])),
    ["allocations", .. string[] rest] => await AllocationsAsync(new Arguments(rest, AllocationRun.Names, [])),
    ["serve", .. string[] rest] => await ServeAsync(new Arguments(rest, ["--broker", "--peers", "--port"], [])),
    _ => ShowUsage(),
};

static async Task<int> WireAsync(Arguments arguments)
{
    WireOptions options = WireOptions.From(arguments);
    using var interruption = new CancellationTokenSource();
    Console.CancelKeyPress += (_, key) =>
    {
        key.Cancel = true;
        interruption.Cancel();
    };
    await using Broker broker = await Broker.StartAsync(arguments);
    string machine = Machine.Describe(await broker.DescribeAsync());
    WireResults results = await new WireRun(options, broker).RunAsync(interruption.Token);
    await Report.SaveAsync(WireReport.Write(options, results, machine), arguments["--output"] ?? "wire.md");
    return 0;
}

static int Micro(Arguments arguments)
{
    MicroRun.Run(arguments);
    return 0;
}

static async Task<int> GrowthAsync(Arguments arguments)
{
    await using Broker broker = await Broker.StartAsync(arguments);
    string machine = Machine.Describe(await broker.DescribeAsync());
    string curves = await new GrowthRun(broker, arguments).RunAsync();
    await Report.SaveAsync($"# Growth\n\n{machine}\n{curves}", arguments["--output"] ?? "growth.md");
    return 0;
}

static async Task<int> OverloadAsync(Arguments arguments)
{
    await using Broker broker = await Broker.StartAsync(arguments);
    string machine = Machine.Describe(await broker.DescribeAsync());
    string table = await new OverloadRun(broker, arguments).RunAsync();
    await Report.SaveAsync($"# Overload\n\n{machine}\n{table}", arguments["--output"] ?? "overload.md");
    return 0;
}

static async Task<int> StartupAsync(Arguments arguments)
{
    await using Broker broker = await Broker.StartAsync(arguments);
    string machine = Machine.Describe(await broker.DescribeAsync());
    string table = await StartupRun.RunAsync(broker.Url, arguments);
    await Report.SaveAsync($"# Start-up\n\n{machine}\n{table}", arguments["--output"] ?? "startup.md");
    return 0;
}

static async Task<int> AllocationsAsync(Arguments arguments)
{
    await using Broker broker = await Broker.StartAsync(arguments);
    string table = await AllocationRun.RunAsync(broker, arguments);
    await Report.SaveAsync($"# Allocations by type\n\n{table}", arguments["--output"] ?? "allocations.md");
    return 0;
}

static async Task<int> ServeAsync(Arguments arguments)
{
    await ServerProcess.RunAsync(arguments);
    return 0;
}

static int ShowUsage()
{
    Console.Error.WriteLine("usage: RpcGen.Benchmarks wire | micro | growth | overload | startup | allocations [options]; see benchmarks/README.md");
    return 64;
}
