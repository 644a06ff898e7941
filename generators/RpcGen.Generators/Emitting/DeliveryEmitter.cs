using RpcGen.Generators.Model;

namespace RpcGen.Generators.Emitting;

/// <summary>What a method says of its delivery, where it differs from what the base class says.</summary>
internal static class DeliveryEmitter
{
    public static IEnumerable<Code> Emit(DeliveryModel delivery) => delivery.Equals(DeliveryModel.Default) ? [] :
    [
        delivery.IsIdempotent ? Is("Idempotent") : "",
        delivery.IsAtMostOnce ? Is("AtMostOnce") : "",
        delivery.IsOneWay ? Is("OneWay") : "",
        delivery.IsConfirmed ? "" : Is("Confirmed", false),
        delivery.IsBroadcast ? Is("Broadcast") : "",
        delivery.IsDurable ? Is("Durable") : "",
        delivery.Priority == 0 ? "" : $"public override byte Priority => {CSharpText.Literal(delivery.Priority)};",
        delivery.CanBatch is { } canBatch && canBatch != (delivery.IsIdempotent || delivery.IsAtMostOnce) ? $"public override bool CanBatch => {CSharpText.Literal(canBatch)};" : "",
        delivery.Policies.Count == 0 ? "" : $"public override global::System.Collections.Generic.IReadOnlyList<string> Policies {{ get; }} = [{string.Join(", ", delivery.Policies.Select(CSharpText.Literal))}];",
    ];

    private static string Is(string what, bool value = true) => $"public override bool Is{what} => {CSharpText.Literal(value)};";
}
