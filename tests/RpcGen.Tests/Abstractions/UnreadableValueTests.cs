using System.Text;
using System.Text.Json.Serialization;
using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Tests.Abstractions;

/// <summary>What cannot be read is told with its path, what was expected and what was found, and what the application's own code says.</summary>
public sealed class UnreadableValueTests
{
    private static readonly RpcJson Json = RpcJsonFactory.Create([], new RpcContract("q"));

    private readonly RpcValidation _validation = new();

    [Theory]
    [InlineData("""{"o":{"customer":"a","lines":[{"sku":"a","quantity":1},{"sku":"b","quantity":0}]}}""", "o.lines[1].quantity: Must be positive.")]
    [InlineData("""{"o":{"customer":"","lines":[]}}""", "o.customer: A customer has a name.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"note":"long"}}""", "o.note: Too long.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"discount":"half"}}""", "o.discount: Expected a number, but found a text.")]
    [InlineData("""{"o":{"customer":"a","lines":[{"sku":"a","quantity":"1"}]}}""", "o.lines[0].quantity: Expected an integer from -2147483648 to 2147483647, but found a text.")]
    [InlineData("""{"o":{"customer":"a","lines":[{"sku":"a","quantity":3000000000}]}}""", "o.lines[0].quantity: Expected an integer from -2147483648 to 2147483647, but found a number.")]
    [InlineData("""{"o":{"customer":"a","lines":{}}}""", "o.lines: Expected an array, but found an object.")]
    [InlineData("""{"o":[]}""", "o: Expected an object, but found an array.")]
    [InlineData("""{"o":null}""", "")]
    [InlineData("""{"o":{"customer":null,"lines":[]}}""", "o.customer: The value must not be null.")]
    [InlineData("""{"o":{"lines":[]}}""", "o.customer: The member is required.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"customer":"b"}}""", "o.customer: The member occurs twice.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"prices":{"x y":true}}}""", "o.prices['x y']: Expected a number, but found a truth value.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"byDay":{"Never":1}}}""", "o.byDay: A key of the object has the wrong form, or occurs twice.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"id":"x"}}""", "o.id: Expected a UUID, such as 00000000-0000-0000-0000-000000000000, but found a text.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"shape":{"$type":"c","radius":"x"}}}""", "o.shape.radius: Expected a number, but found a text.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"shape":{"radius":1}}}""", "o.shape: The JSON value has the wrong form.")]
    [InlineData("""{"o":{"customer":"a","lines":[],"named":"x"}}""", "o.named: The JSON value has the wrong form.")]
    public void Violations(string body, string expected)
    {
        var order = new RpcProperty<Order?>(Json, "o");
        var reader = new RpcArgumentReader(Encoding.UTF8.GetBytes(body), 64, _validation);
        RpcArgument<Order?> argument = default;
        while (reader.NextParameter())
        {
            _ = reader.Read(order, ref argument) || reader.Skip();
        }

        Assert.Equal(expected, _validation.IsValid ? "" : string.Join(" | ", Assert.Throws<RpcValidationException>(_validation.ThrowIfInvalid).Errors.SelectMany(error => error.Value.Select(message => $"{error.Key}: {message}"))));
    }

    public sealed class Order
    {
        private string? _note;

        [JsonConstructor]
        public Order(string customer) => Customer = customer.Length > 0 ? customer : throw new ArgumentException("A customer has a name.", nameof(customer));

        public string Customer { get; }

        public List<Line> Lines { get; set; } = [];

        public string? Note
        {
            get => _note;
            set => _note = value is { Length: > 3 } ? throw new ArgumentException("Too long.") : value;
        }

        public decimal Discount { get; set; }

        public Guid Id { get; set; }

        public Dictionary<string, double>? Prices { get; set; }

        public Dictionary<DayOfWeek, int>? ByDay { get; set; }

        public Shape? Shape { get; set; }

        [JsonConverter(typeof(JsonStringEnumConverter<DayOfWeek>))]
        public DayOfWeek Named { get; set; }
    }

    public sealed class Line
    {
        private int _quantity;

        public required string Sku { get; set; }

        public int Quantity
        {
            get => _quantity;
            set => _quantity = value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "Must be positive.");
        }
    }

    [JsonDerivedType(typeof(Circle), "c")]
    public abstract class Shape;

    public sealed class Circle : Shape
    {
        public double Radius { get; set; }
    }
}
