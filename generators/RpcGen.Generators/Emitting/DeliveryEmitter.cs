using RpcGen.Generators.Model;
using RpcGen.Generators.Text;

namespace RpcGen.Generators.Emitting;

/// <summary>Emits how a method's requests are delivered, as overrides of the base class's defaults.</summary>
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
        delivery.IsLongRunning ? Is("LongRunning") : "",
        delivery.Priority == 0 ? "" : $"public override byte Priority => {Literals.Of(delivery.Priority)};",
        delivery.CanBatch == false ? "public override bool CanBatch => false;" : "",
        delivery.RequiresAuthentication ? "public override bool RequiresAuthentication => true;" : "",
        delivery.Policies.Count == 0 ? "" : $"public override global::System.Collections.Generic.IReadOnlyList<string> Policies {{ get; }} = [{string.Join(", ", delivery.Policies.Select(Literals.Of))}];",
    ];

    private static string Is(string what, bool value = true) => $"public override bool Is{what} => {Literals.Of(value)};";
}
