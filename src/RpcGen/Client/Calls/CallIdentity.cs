namespace RpcGen.Client.Calls;

/// <summary>A call as failures name it.</summary>
/// <param name="Method">The method's wire name.</param>
/// <param name="CallId">The correlation id.</param>
/// <param name="Queue">The service's request queue.</param>
internal readonly record struct CallIdentity(string Method, string? CallId, string Queue)
{
    /// <summary>The method and the id, as messages have them.</summary>
    public override string ToString() => $"'{Method}' (call {CallId})";
}
