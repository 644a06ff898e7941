using System.Globalization;

namespace RpcGen.Generators.Tests.Support;

/// <summary>A very large project: 200 contracts of 10 methods, each with a service that implements it.</summary>
internal static class ManyContracts
{
    public const int Contracts = 200;
    public const int Methods = 10;

    /// <summary>One file for each contract, with its DTO and its service.</summary>
    public static string[] Sources() =>
    [.. Enumerable.Range(0, Contracts).Select(Source)];

    private static string Source(int n) => $$"""
        namespace Shop.Part{{n}};

        public sealed record Item([property: Range(1, 99)] int Quantity, string Name, decimal Price);

        [AmqpRpc]
        public partial interface IShop
        {
            {{Lines(m => $"/// <summary>Does what method {m} does.</summary>\n    Task<Item> Method{m}Async(int number, Item item, string? hint = null, CancellationToken cancellationToken = default);")}}
        }

        public sealed class Shop : IShop
        {
            {{Lines(m => $"public Task<Item> Method{m}Async(int number, Item item, string? hint = null, CancellationToken cancellationToken = default) => Task.FromResult(item with {{ Quantity = number, Name = hint ?? item.Name }});")}}
        }
        """;

    private static string Lines(Func<string, string> line) => string.Join(
        "\n    ",
        Enumerable.Range(0, Methods).Select(m => line(m.ToString(CultureInfo.InvariantCulture))));
}
