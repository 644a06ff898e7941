using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Testing;

/// <summary>Finds methods of contracts by name, and the contract of a method.</summary>
internal static class ContractMethods
{
    /// <summary>The wire name of a method. The name in C# is the wire name with <c>Async</c>, unless the contract gives another one.</summary>
    /// <exception cref="ArgumentException">The contract has no such method.</exception>
    public static string Find<T>(string method)
        where T : class, IRpcContract<T>
    {
        ArgumentException.ThrowIfNullOrEmpty(method);
        var names = new Names<T>();
        T.BindServer(names);
        string? found = names.All.Find(name => name == method) ?? names.All.Find(name => name + "Async" == method);
        return found ?? throw new ArgumentException($"The contract '{typeof(T)}' has no method '{method}'. Its methods on the wire: {string.Join(", ", names.All)}.", nameof(method));
    }

    /// <summary>The contract that declares the method: the first type argument of its generated base class.</summary>
    public static Type ContractOf(RpcMethod method)
    {
        for (Type? at = method.GetType(); at is not null; at = at.BaseType)
        {
            if (at.IsGenericType && at.GetGenericTypeDefinition() == typeof(RpcMethod<,,>))
            {
                return at.GetGenericArguments()[0];
            }
        }

        throw new InvalidOperationException($"'{method.GetType()}' is not generated code.");
    }

    /// <summary>Collects the names of a contract's methods.</summary>
    private sealed class Names<T> : RpcServerBinder<T>
        where T : class, IRpcContract<T>
    {
        public List<string> All { get; } = [];

        public override RpcJson Json { get; } = RpcJsonFactory.Create([], T.DescribeContract());

        public override void Bind<TArguments, TResult>(RpcMethod<T, TArguments, TResult> method) => All.Add(method.Name);

        public override void BindStream<TArguments, TItem>(RpcMethod<T, TArguments, IAsyncEnumerable<TItem>> method) => All.Add(method.Name);
    }
}
