using System.ComponentModel.DataAnnotations;

namespace RpcGen.Samples.Tutorial;

/// <summary>
/// The service of RabbitMQ's RPC tutorial, compatible with its clients and servers in all languages. Bodies are plain
/// numbers, such as <c>30</c> and <c>832040</c>.
/// </summary>
[AmqpRpc("rpc_queue", BodyStyle = RpcBodyStyle.Bare)]
public partial interface IFibonacci
{
    /// <summary>The n-th Fibonacci number. The 92nd is the last that fits.</summary>
    Task<long> FibAsync([Range(0, 92)] int n, CancellationToken cancellationToken = default);
}
