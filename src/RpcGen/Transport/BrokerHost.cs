namespace RpcGen.Transport;

/// <summary>One host of a broker.</summary>
/// <param name="Name">A name or an IP address; an IPv6 address without brackets.</param>
/// <param name="Port">The port.</param>
internal readonly record struct BrokerHost(string Name, int Port)
{
    public override string ToString() => Name.Contains(':', StringComparison.Ordinal) ? $"[{Name}]:{Port}" : $"{Name}:{Port}";
}
