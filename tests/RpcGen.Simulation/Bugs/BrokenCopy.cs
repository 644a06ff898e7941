using Mono.Cecil;

namespace RpcGen.Simulation.Bugs;

/// <summary>A copy of this program whose runtime has a bug. Deleted when disposed.</summary>
internal sealed class BrokenCopy : IDisposable
{
    private const string Runtime = "RpcGen.dll";

    public BrokenCopy(Action<ModuleDefinition> patch)
    {
        Folder = Directory.CreateTempSubdirectory("rpcgen-simulation-").FullName;
        foreach (string file in Directory.GetFiles(AppContext.BaseDirectory))
        {
            File.Copy(file, Path.Combine(Folder, Path.GetFileName(file)));
        }

        using var resolver = new DefaultAssemblyResolver();
        resolver.AddSearchDirectory(AppContext.BaseDirectory);
        using AssemblyDefinition assembly = AssemblyDefinition.ReadAssembly(Path.Combine(AppContext.BaseDirectory, Runtime), new ReaderParameters { AssemblyResolver = resolver });
        patch(assembly.MainModule);
        assembly.Write(Path.Combine(Folder, Runtime));
    }

    /// <summary>Where it is.</summary>
    public string Folder { get; }

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
