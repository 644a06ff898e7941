using System.ComponentModel.DataAnnotations;

namespace RpcGen.Samples.Tutorial;

/// <summary>
/// The service of RabbitMQ's tutorial on RPC, as its clients and servers in all languages speak it: the bodies are bare
/// numbers, <c>30</c> and <c>832040</c>.
/// </summary>
[AmqpRpc("rpc_queue", BodyStyle = RpcBodyStyle.Bare)]
public partial interface IFibonacci
{
    /// <summary>The n-th Fibonacci number; the 92nd is the last that fits.</summary>
    Task<long> FibAsync([Range(0, 92)] int n, CancellationToken cancellationToken = default);
}
