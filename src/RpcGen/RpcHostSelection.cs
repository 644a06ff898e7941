namespace RpcGen;

/// <summary>The order in which the hosts of a connection string are tried. A host that has just failed comes last in both.</summary>
public enum RpcHostSelection
{
    /// <summary>Random, and different for each attempt: the connections of many clients spread over the hosts.</summary>
    Random = 0,

    /// <summary>As written: the first host is preferred.</summary>
    InOrder = 1,
}
