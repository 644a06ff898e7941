using System.Reflection;
using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Tests.Support;

/// <summary>Loads generators and analyzers of the .NET SDK into this process.</summary>
internal sealed class AnalyzerLoader : IAnalyzerAssemblyLoader
{
    public static AnalyzerLoader Instance { get; } = new();

    public void AddDependencyLocation(string fullPath)
    {
    }

    public Assembly LoadFromPath(string fullPath) => Assembly.LoadFrom(fullPath);
}
