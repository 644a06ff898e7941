using RpcGen.Cli;
using RpcGen.EndToEnd.Contracts;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>Documents of a compiled assembly, without a service and a broker.</summary>
public sealed class AssemblyExportTests(MemoryBroker broker) : EndToEndTest(broker), IClassFixture<MemoryBroker>
{
    [Fact]
    public async Task An_assembly_gives_the_same_documents_as_its_running_services()
    {
        string assembly = typeof(IKiosk).Assembly.Location;
        string[] kiosk = ["RpcGen.EndToEnd.Tests.Contracts.Kiosk", "RpcGen.EndToEnd.Tests.Contracts.Courier"];
        await (await ConnectAsync()).ServeAsync<IKiosk>(new Kiosk(), cancellationToken: Cancel);
        await (await ConnectAsync()).ServeAsync<ICourier>(new Courier(), cancellationToken: Cancel);

        Assert.Equal(await RunAsync("export", "asyncapi", kiosk[0], kiosk[1]), await RunAsync("export", "asyncapi", kiosk[0], kiosk[1], "--assembly", assembly));
        Assert.Equal(await RunAsync("export", "schema", kiosk[0]), await RunAsync("export", "schema", kiosk[0], "--assembly", assembly));
        (int code, string all, string error) = await RunAsync("export", "asyncapi", "--assembly", typeof(ICatalogue).Assembly.Location);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains($"\"{typeof(ICatalogue).Namespace}.Catalogue\"", all, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_assembly_that_is_none_or_has_no_contract_is_refused()
    {
        Assert.Equal((2, ""), await FailAsync("--assembly", "none.dll"));
        Assert.Equal((2, ""), await FailAsync("--assembly", Repository.File("README.md")));
        Assert.Equal((2, ""), await FailAsync("--assembly", typeof(System.Text.Json.JsonElement).Assembly.Location));
        Assert.Equal((2, ""), await FailAsync("Nothing", "--assembly", typeof(IKiosk).Assembly.Location));
        Assert.Equal((2, ""), await FailAsync());
        Assert.Equal((2, ""), await FailAsync("--assembly", typeof(IKiosk).Assembly.Location)); // some of its contracts cannot be used

        async Task<(int Code, string Out)> FailAsync(params string[] arguments)
        {
            (int code, string output, string error) = await RunAsync(["export", "asyncapi", .. arguments]);
            Assert.Single(error.TrimEnd().Split('\n'));
            return (code, output);
        }
    }

    private async Task<(int Code, string Out, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await RpcGen.Cli.Tool.RunAsync([.. arguments, "--broker", Broker.Url], new ToolConsole(output, error, TextReader.Null), Cancel).OrFail();
        return (code, output.ToString(), error.ToString());
    }
}
