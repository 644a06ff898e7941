using System.ComponentModel.DataAnnotations;
using System.Text.Json.Serialization;

namespace RpcGen.EndToEnd.Tests.Contracts;

/// <summary>Arguments with rules.</summary>
[AmqpRpc]
public partial interface IWarehouse
{
    Task<int> PlaceAsync([Range(1, 9)] int shelf, [Required, StringLength(5)] string code, Shipment shipment, CancellationToken cancellationToken = default);

    Task<int> CountAsync(TreeNode root, CancellationToken cancellationToken = default);

    Task<int> CountPlainAsync(PlainNode root, CancellationToken cancellationToken = default);
}

public sealed record Shipment(
    [Required, MinLength(2)] string Customer,
    [MinLength(1)] IReadOnlyList<ShipmentLine> Lines,
    IReadOnlyDictionary<string, ShipmentLine>? Extras = null,
    Payment? Payment = null) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Customer == "nobody")
        {
            yield return new ValidationResult("Nobody orders nothing.", [nameof(Customer)]);
        }
    }
}

public sealed record ShipmentLine([property: JsonPropertyName("sku")] [Required] string Article, [Range(typeof(decimal), "0.5", "99.5")] decimal Quantity);

[JsonDerivedType(typeof(CardPayment), "card")]
[JsonDerivedType(typeof(CashPayment), "cash")]
public abstract record Payment;

public sealed record CardPayment([CreditCard] string Number) : Payment;

public sealed record CashPayment : Payment;

/// <summary>Can be nested deeply, and contain a cycle.</summary>
public sealed class TreeNode
{
    [Range(0, 100)]
    public int Value { get; set; }

    public List<TreeNode> Children { get; set; } = [];
}

/// <summary>The same, without a rule.</summary>
public sealed class PlainNode
{
    public PlainNode? Child { get; set; }
}

/// <summary>Counts the calls that are accepted.</summary>
public sealed class Warehouse : IWarehouse
{
    private int _calls;

    public int Calls => Volatile.Read(ref _calls);

    public Task<int> PlaceAsync(int shelf, string code, Shipment shipment, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref _calls));

    public Task<int> CountAsync(TreeNode root, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref _calls));

    public Task<int> CountPlainAsync(PlainNode root, CancellationToken cancellationToken) => Task.FromResult(Interlocked.Increment(ref _calls));
}
