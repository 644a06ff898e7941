using System.Reflection;

namespace RpcGen.Generators.Diagnostics;

/// <summary>The pages of diagnostics: in the repository, if the build knows its address, and in the package at the same path.</summary>
internal static class HelpPages
{
    /// <summary>The name of the assembly's metadata with the address of the repository's files.</summary>
    private const string AddressKey = "HelpAddress";

    private static readonly string? Address = typeof(HelpPages).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(attribute => attribute.Key == AddressKey)?.Value;

    /// <summary>The page of a diagnostic.</summary>
    public static string Of(string id) => Of(id, Address);

    /// <summary>The page of a diagnostic, as a URL; without an address, its path in the package.</summary>
    public static string Of(string id, string? address) => $"{address}docs/diagnostics/{id}.md";
}
