using RpcGen.Generated;

namespace RpcGen.Hosting;

/// <summary>A contract that the application calls or serves on a broker.</summary>
internal abstract class ContractRegistration(Type contract, RpcContract description)
{
    public Type Contract { get; } = contract;

    /// <summary>The contract's short name, for messages and configuration.</summary>
    public string Name => Contract.Name;

    /// <summary>The contract's full name in C#, from which the name of its options is made.</summary>
    public string FullName { get; } = description.Name;

    /// <summary>The contract's own queue, which options can override.</summary>
    public string Queue { get; } = description.Queue;

    /// <summary>The call that registers the contract, for messages.</summary>
    public abstract string Method { get; }
}
