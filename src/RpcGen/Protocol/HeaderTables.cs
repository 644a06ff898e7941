namespace RpcGen.Protocol;

/// <summary>Headers for loops: through the interface, each loop would allocate its enumerator.</summary>
internal static class HeaderTables
{
    /// <summary>The headers as the class that they are; a copy if they are another one.</summary>
    public static Dictionary<string, object?> Concrete(IReadOnlyDictionary<string, object?> headers) =>
        headers as Dictionary<string, object?> ?? new Dictionary<string, object?>(headers, StringComparer.Ordinal);
}
