using Mono.Cecil;

namespace RpcGen.Simulation;

/// <summary>A copy of this program with another runtime: with a bug, or with preemption. Deleted when disposed.</summary>
internal sealed class RewrittenCopy : IDisposable
{
    private const string Runtime = "RpcGen.dll";

    public RewrittenCopy(Action<ModuleDefinition> rewrite)
    {
        Folder = Directory.CreateTempSubdirectory("rpcgen-simulation-").FullName;
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        }

        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, Runtime), new ReaderParameters { AssemblyResolver = resolver });
        rewrite(assembly.MainModule);
        assembly.Write(Path.Combine(Folder, Runtime));
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
