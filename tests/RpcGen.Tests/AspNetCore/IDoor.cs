using System.ComponentModel.DataAnnotations;

namespace RpcGen.Tests.AspNetCore;

public sealed record DoorLine(string Article, [property: Range(1, 9)] int Quantity);

public sealed record DoorOrder([property: Required] string Customer, IReadOnlyList<DoorLine> Lines);

public sealed class SoldOutException(string message) : Exception(message);

public sealed class MovedException(string message) : Exception(message);

#region contract
[AmqpRpc]
public partial interface IDoor
{
    [RpcFault<SoldOutException>("sold-out")]
    [RpcFault<MovedException>("moved", HttpStatus = 410)]
    Task<string> OrderAsync(DoorOrder order, [Range(1, 3)] int copies, CancellationToken cancellationToken = default);

    [RpcAuthorize("clerk")]
    Task<string> DeliverAsync(CancellationToken cancellationToken = default);

    Task<string> WhoAsync(CancellationToken cancellationToken = default);
}
#endregion

/// <summary>Tells who calls.</summary>
public sealed class Door : IDoor
{
    public Task<string> OrderAsync(DoorOrder order, int copies, CancellationToken cancellationToken) => order.Customer switch
    {
        "late" => throw new SoldOutException("None left."),
        "lost" => throw new MovedException("Moved away."),
        "broken" => throw new InvalidOperationException("secret of the service"),
        _ => Task.FromResult($"{copies} × {order.Lines.Count} for {order.Customer}"),
    };

    public Task<string> DeliverAsync(CancellationToken cancellationToken) => WhoAsync(cancellationToken);

    public Task<string> WhoAsync(CancellationToken cancellationToken)
    {
        RpcCallContext context = RpcCallContext.Current!;
        return Task.FromResult($"{context.User.Identity?.Name ?? "nobody"} {context.User.Identity?.AuthenticationType ?? "unknown"} {context.BrokerUser ?? "-"}");
    }
}
