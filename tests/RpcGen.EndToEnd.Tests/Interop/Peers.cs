using RpcGen.EndToEnd.Tests.Harness;
using System.ComponentModel;
using RpcGen.EndToEnd.Tests.Samples;

namespace RpcGen.EndToEnd.Tests.Interop;

/// <summary>
/// The clients and servers in tests/peers, written like RabbitMQ's tutorials with other libraries. If interpreters
/// or libraries are missing, tests are skipped, except under test.sh and continuous integration, where they fail.
/// </summary>
public sealed class Peers : IAsyncLifetime
{
    /// <summary>The distribution's Python, where its packages install the libraries.</summary>
    private static readonly string Python = Environment.GetEnvironmentVariable("RPCGEN_TEST_PYTHON") ?? "/usr/bin/python3";
    private static readonly string Node = Environment.GetEnvironmentVariable("RPCGEN_TEST_NODE") ?? "node";
    /// <summary>The browser.</summary>
    public static readonly string Chromium = Environment.GetEnvironmentVariable("RPCGEN_TEST_CHROMIUM") ?? "/usr/bin/chromium";
    private static readonly string[] MustHave = ["CI", "RPCGEN_TEST_TEMP", "RPCGEN_TEST_PYTHON", "RPCGEN_TEST_NODE"];
    private string? _missing;

    public async ValueTask InitializeAsync()
    {
        _missing = await FindMissingAsync();
        if (_missing is not null && MustHave.Any(name => Environment.GetEnvironmentVariable(name) is { Length: > 0 }))
        {
            Assert.Fail(_missing);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Starts a peer's server and waits until it is ready.</summary>
    public Task<ChildProcess> StartServerAsync(string library, params string[] arguments)
    {
        SkipIfMissing();
        string[] command = Command(library, "server");
        return ChildProcess.StartServerAsync(command[0], [.. command[1..], .. arguments]);
    }

    /// <summary>Runs a peer's client.</summary>
    public Task<Outcome> RunClientAsync(string library, params string[] arguments)
    {
        SkipIfMissing();
        string[] command = Command(library, "client");
        return ChildProcess.RunAsync(command[0], [.. command[1..], .. arguments]);
    }

    /// <summary>Runs Python code.</summary>
    public Task<Outcome> RunScriptAsync(string code, params string[] arguments)
    {
        SkipIfMissing();
        return ChildProcess.RunAsync(Python, ["-c", code, .. arguments]);
    }

    /// <summary>Runs a script of tests/peers/python until it ends.</summary>
    public Task<Outcome> RunPythonAsync(string script, params string[] arguments)
    {
        SkipIfMissing();
        return ChildProcess.RunAsync(Python, [Repository.File("tests", "peers", "python", script), .. arguments]);
    }

    /// <summary>Starts a server in Python and waits until it is ready.</summary>
    public Task<ChildProcess> StartScriptServerAsync(string code, params string[] arguments)
    {
        SkipIfMissing();
        return ChildProcess.StartServerAsync(Python, ["-c", code, .. arguments]);
    }

    /// <summary>Runs a script of tests/peers/node until it ends.</summary>
    public Task<Outcome> RunNodeAsync(string script, params string[] arguments)
    {
        SkipIfMissing();
        return ChildProcess.RunAsync(Node, [Repository.File("tests", "peers", "node", script), .. arguments]);
    }

    /// <summary>Runs a program in Python or JavaScript, with an environment variable. The program can use the peers' libraries.</summary>
    public async Task<Outcome> RunProgramAsync(bool isPython, string code, string variable)
    {
        SkipIfMissing();
        if (isPython)
        {
            return await ChildProcess.RunAsync("env", variable, Python, "-c", code);
        }

        DirectoryInfo folder = Directory.CreateTempSubdirectory("rpcgen-program");
        try
        {
            Directory.CreateSymbolicLink(Path.Combine(folder.FullName, "node_modules"), Repository.File("tests", "peers", "node", "node_modules")); // modules are found beside the file
            string file = Path.Combine(folder.FullName, "program.mjs");
            await File.WriteAllTextAsync(file, code);
            return await ChildProcess.RunAsync("env", variable, Node, file);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Skips the test if something is missing.</summary>
    public void SkipIfMissing() => Assert.SkipWhen(_missing is not null, _missing ?? "");

    private static string[] Command(string library, string role) => library == "amqplib"
        ? [Node, Repository.File("tests", "peers", "node", $"{library}_{role}.js")]
        : [Python, Repository.File("tests", "peers", "python", $"{library}_{role}.py")];

    private static async Task<string?> FindMissingAsync()
    {
        if (!await RunsAsync(Python, "-c", "import aio_pika, pika"))
        {
            return $"{Python} lacks the libraries aio_pika and pika. ./test.sh installs them; RPCGEN_TEST_PYTHON names another Python.";
        }

        if (!await RunsAsync(Chromium, "--version"))
        {
            return $"{Chromium} is missing. ./test.sh installs it; RPCGEN_TEST_CHROMIUM names another one.";
        }

        return await RunsAsync(Node, "-e", $"require('{Repository.File("tests", "peers", "node", "node_modules", "amqplib")}'); require('{Repository.File("tests", "peers", "node", "node_modules", "playwright-core")}')")
            ? null
            : $"{Node} or its libraries amqplib and playwright-core are missing. ./test.sh installs them; RPCGEN_TEST_NODE names another Node.js.";
    }

    private static async Task<bool> RunsAsync(string program, params string[] arguments)
    {
        try
        {
            return (await ChildProcess.RunAsync(program, arguments)).ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false; // the program does not exist
        }
    }
}
