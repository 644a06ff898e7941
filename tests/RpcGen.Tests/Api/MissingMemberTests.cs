using System.Text;
using RpcGen.Testing;

namespace RpcGen.Tests.Api;

/// <summary>What servers do with arguments that lack a member, as docs/contract-evolution.md says.</summary>
public sealed class MissingMemberTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("""{"name":"a","price":1}""", "a 1 0 10 x")]
    [InlineData("""{"name":"a","price":1,"count":2,"discount":3,"limit":4,"text":"y"}""", "a 1 3 4 y")]
    [InlineData("""{"name":"a"}""", "offer.price: The member is required.")]
    [InlineData("""{"price":1}""", "offer.name: The value must not be null.")]
    public async Task A_member_that_is_missing(string offer, string expected)
    {
        await using var broker = new RpcTestBroker();
        await using RpcConnection connection = await broker.ConnectAsync(cancellationToken: Cancel);
        RpcServer server = await connection.ServeAsync<IOffers>(new Offers(), cancellationToken: Cancel);
        RpcDynamicClient client = connection.CreateDynamicClient(server.Queue);

        string outcome;
        try
        {
            outcome = Encoding.UTF8.GetString((await client.CallAsync("Make", Encoding.UTF8.GetBytes($$"""{"offer":{{offer}}}"""), cancellationToken: Cancel)).Span).Trim('"');
        }
        catch (RpcValidationException e)
        {
            outcome = string.Join(" | ", e.Errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"));
        }

        Assert.Equal(expected, outcome);
    }

    private sealed class Offers : IOffers
    {
        public Task<string> MakeAsync(Offer offer, CancellationToken cancellationToken) =>
            Task.FromResult(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{offer.Name} {offer.Price} {offer.Discount} {offer.Limit} {offer.Text}"));
    }
}

[AmqpRpc]
internal partial interface IOffers
{
    Task<string> MakeAsync(Offer offer, CancellationToken cancellationToken);
}

internal sealed record Offer(string Name, decimal Price, int? Count)
{
    public decimal Discount { get; set; }

    public int Limit { get; set; } = 10;

    public string Text { get; init; } = "x";
}
