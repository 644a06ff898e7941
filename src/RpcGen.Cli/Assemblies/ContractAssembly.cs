// The tool is never trimmed or published natively: an assembly is loaded by the JIT.
#pragma warning disable IL2026, IL2060, IL2070, IL2072, IL2075, IL3050
using System.Reflection;
using System.Runtime.Loader;

namespace RpcGen.Cli.Assemblies;

/// <summary>
/// Describes the contracts of a compiled assembly as a server would, on a broker in memory. The assembly is loaded, and code of it can run, such as
/// module initializers and static constructors. No service of it runs.
/// </summary>
internal static class ContractAssembly
{
    private static readonly MethodInfo Queue = typeof(ContractAssembly).GetMethod(nameof(QueueOf), BindingFlags.NonPublic | BindingFlags.Static)!;
    private static readonly MethodInfo DescribeOne = typeof(ContractAssembly).GetMethod(nameof(DescribeOneAsync), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <summary>The descriptions of contracts, by queue. Contracts in the bare style have none.</summary>
    /// <param name="path">The assembly's file.</param>
    /// <param name="queues">The queues of the contracts; empty for all.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="UsageException">The file cannot be loaded, or has no such contract, or one that cannot be used.</exception>
    public static async Task<RpcServiceDescription[]> DescribeAsync(string path, string[] queues, CancellationToken cancellationToken)
    {
        (string Queue, Type Type)[] contracts = [.. TypesOf(path).Where(IsDescribed).Select(type => ((string)Queue.MakeGenericMethod(type).Invoke(null, null)!, type)).OrderBy(contract => contract.Item1, StringComparer.Ordinal)];
        if (contracts.Length == 0)
        {
            throw new UsageException($"'{path}' has no contract that can be described, or was built with another version of RpcGen than this tool's, {typeof(RpcConnection).Assembly.GetName().Version?.ToString(3)}.");
        }

        RpcConnection connection = await RpcConnection.ConnectAsync($"memory://rpcgen-export-{Guid.NewGuid():N}", cancellationToken).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var descriptions = new List<RpcServiceDescription>();
            foreach (Type contract in Select(contracts, queues))
            {
                var describing = (Task<RpcServiceDescription>)DescribeOne.MakeGenericMethod(contract).Invoke(null, [connection, cancellationToken])!;
                descriptions.Add(await describing.ConfigureAwait(false));
            }

            return [.. descriptions];
        }
    }

    private static IEnumerable<Type> Select((string Queue, Type Type)[] contracts, string[] queues) => queues.Length == 0
        ? contracts.Select(contract => contract.Type)
        : queues.Select(queue => Array.Find(contracts, contract => contract.Queue == queue).Type ?? throw new UsageException($"The assembly has no contract of '{queue}'. It has: {string.Join(", ", contracts.Select(contract => contract.Queue))}."));

    private static string QueueOf<T>()
        where T : class, IRpcContract<T> => T.DescribeContract().Queue;

    /// <summary>Serves a client of the contract: a server needs an implementation, and this one does nothing until it is called.</summary>
    private static async Task<RpcServiceDescription> DescribeOneAsync<T>(RpcConnection connection, CancellationToken cancellationToken)
        where T : class, IRpcContract<T>
    {
        try
        {
            RpcServer server = await connection.ServeAsync(connection.CreateClient<T>(), new RpcServerOptions { Authorizer = new Nobody() }, cancellationToken).ConfigureAwait(false);
            await using (server.ConfigureAwait(false))
            {
                return await connection.DescribeAsync(server.Queue, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (InvalidOperationException e)
        {
            throw new UsageException(e.Message); // JSON cannot write its types, for example
        }
    }

    private static bool IsDescribed(Type type) =>
        type is { IsInterface: true, ContainsGenericParameters: false } &&
        type.GetCustomAttribute<AmqpRpcAttribute>() is { BodyStyle: not RpcBodyStyle.Bare } &&
        type.GetInterfaces().Contains(typeof(IRpcContract<>).MakeGenericType(type));

    private static Type[] TypesOf(string path)
    {
        try
        {
            return new Context(Path.GetFullPath(path)).LoadFromAssemblyPath(Path.GetFullPath(path)).GetTypes();
        }
        catch (ReflectionTypeLoadException e)
        {
            return [.. e.Types.OfType<Type>()]; // what cannot be loaded lacks a dependency, and is no contract that the service could serve
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException or ArgumentException or InvalidOperationException) // the last one: the file does not exist
        {
            throw new UsageException($"'{path}' cannot be loaded: {e.Message}");
        }
    }

    /// <summary>Finds dependencies beside the assembly and in the packages that it names. The runtime of RpcGen is that of the tool, so that types are the same.</summary>
    private sealed class Context(string path) : AssemblyLoadContext("contracts")
    {
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName)
        {
            if (assemblyName.Name is "RpcGen" or "RpcGen.Abstractions")
            {
                return null; // from the default context
            }

            string beside = Path.Combine(Path.GetDirectoryName(path)!, assemblyName.Name + ".dll");
            return _resolver.ResolveAssemblyToPath(assemblyName) is { } resolved ? LoadFromAssemblyPath(resolved)
                : File.Exists(beside) && !IsOfFramework(assemblyName) ? LoadFromAssemblyPath(beside)
                : null;
        }

        private static bool IsOfFramework(AssemblyName name) => name.Name is "netstandard" or "mscorlib" || name.Name!.StartsWith("System.", StringComparison.Ordinal);
    }

    /// <summary>Contracts with policies are not served without one who decides. Nobody calls here.</summary>
    private sealed class Nobody : IRpcAuthorizer
    {
        public ValueTask<bool> IsAllowedAsync(RpcCallContext context, string policy) => new(false);
    }
}
