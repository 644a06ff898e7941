using System.Reflection;

namespace RpcGen.Diagnostics;

/// <summary>The version of this library, for telemetry.</summary>
internal static class LibraryVersion
{
    /// <summary>The package's version, without the commit.</summary>
    public static string Text { get; } =
        typeof(LibraryVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
