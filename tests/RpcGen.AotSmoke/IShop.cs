using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen.AotSmoke;

/// <summary>Calls with types that need the context below, and with types that need none.</summary>
[AmqpRpc]
[RpcJson(EnumsAsText = true, Int64AsText = true)]
internal partial interface IShop
{
    Task<Receipt> OrderAsync(Order order, [Range(1, 9)] int desk, CancellationToken cancellationToken = default);

    [RpcFault<SoldOutException>("sold-out")]
    Task<Receipt> ReserveAsync(string article, CancellationToken cancellationToken = default);

    [RpcIdempotent]
    Task<IReadOnlyList<Payment>> ListPaymentsAsync(Weekday day, CancellationToken cancellationToken = default);

    ValueTask<Page<Receipt>> ListReceiptsAsync(int first = 0, int? count = null, CancellationToken cancellationToken = default);

    Task RememberAsync(string? text, CancellationToken cancellationToken = default);

    Task<string?> RecallAsync(CancellationToken cancellationToken = default);

    Task<byte[]> ReverseAsync(byte[] bytes, CancellationToken cancellationToken = default);

    Task<Dictionary<string, int>> CountAsync(string[] words, CancellationToken cancellationToken = default);

    Task<JsonElement> MixAsync(Guid id, DateTimeOffset at, decimal price, Uri link, TimeSpan span, CancellationToken cancellationToken = default);

    Task WaitAsync(CancellationToken cancellationToken = default);

    Task FailAsync(CancellationToken cancellationToken = default);

    [RpcOneWay]
    Task NoteAsync(string text, CancellationToken cancellationToken = default);

    [RpcBroadcast]
    Task AnnounceAsync(string text, CancellationToken cancellationToken = default);
}

internal enum Weekday
{
    Monday = 1,
    Tuesday = 2,
}

[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justifications.Lowered)]
internal sealed record Order([Required, MinLength(2)] string Customer, [MinLength(1)] IReadOnlyList<OrderLine> Lines, Payment? Payment) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Customer == "nobody")
        {
            yield return new ValidationResult("Nobody orders nothing.", [nameof(Customer)]);
        }
    }
}

[UnconditionalSuppressMessage("Trimming", "IL2026", Justification = Justifications.Lowered)]
internal sealed record OrderLine(
    [property: JsonPropertyName("sku"), RegularExpression("[A-Z]+")] string Article,
    [Range(typeof(decimal), "0.5", "99.5")] decimal Quantity,
    [Even] int Shelf);

/// <summary>
/// <c>[MinLength]</c>, <c>[MaxLength]</c>, <c>[Length]</c>, <c>[Compare]</c> and <c>[Range]</c> with a type cause
/// warnings in trimmed programs, because the framework reads them by reflection.
/// </summary>
internal static class Justifications
{
    public const string Lowered = "RpcGen never asks these attributes: what they say is checked by generated code.";
}

/// <summary>A validation rule of the application.</summary>
[AttributeUsage(AttributeTargets.Parameter | AttributeTargets.Property)]
internal sealed class EvenAttribute() : ValidationAttribute("{0} must be even.")
{
    public override bool IsValid(object? value) => value is int number && number % 2 == 0;
}

[JsonDerivedType(typeof(CardPayment), "card")]
[JsonDerivedType(typeof(CashPayment), "cash")]
internal abstract record Payment;

internal sealed record CardPayment([CreditCard] string Number) : Payment;

internal sealed record CashPayment(decimal Given) : Payment;

internal sealed record Receipt(string Customer, decimal Total, DateOnly? Due, Payment? Payment);

internal sealed record Page<T>(IReadOnlyList<T> Items, long Total);

internal sealed class SoldOutException(string message, string article, IReadOnlyList<string> alternatives) : Exception(message)
{
    public string Article { get; } = article;

    public IReadOnlyList<string> Alternatives { get; } = alternatives;

    public DateOnly? BackOn { get; init; }
}

[JsonSerializable(typeof(Order))]
[JsonSerializable(typeof(Receipt))]
[JsonSerializable(typeof(Page<Receipt>))]
[JsonSerializable(typeof(IReadOnlyList<Payment>))]
[JsonSerializable(typeof(Weekday))]
internal sealed partial class ShopJson : JsonSerializerContext;
