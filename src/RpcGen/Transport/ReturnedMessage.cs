namespace RpcGen.Transport;

/// <summary>A mandatory message that the broker could not route.</summary>
/// <param name="CorrelationId">The message's <c>correlation_id</c>.</param>
/// <param name="RoutingKey">The message's routing key.</param>
/// <param name="Reason">The broker's reply code and text.</param>
internal readonly record struct ReturnedMessage(string? CorrelationId, string RoutingKey, string Reason);
