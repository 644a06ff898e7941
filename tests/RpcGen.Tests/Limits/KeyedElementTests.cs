using System.Text;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;

namespace RpcGen.Tests.Limits;

/// <summary>Collections whose keys can be made to collide are limited in size, wherever they are.</summary>
public sealed class KeyedElementTests
{
    private const int Limit = 100;
    private readonly BoundedService _service = new(Limit);

    /// <summary>Bodies of <c>Store</c> with a number of elements, and the path that is reported.</summary>
    public static TheoryData<string, string, string> Keyed => new()
    {
        { """{"numbers":[@]}""", "#", "stock.numbers" },
        { """{"Numbers":[@]}""", "#", "stock.Numbers" },
        { """{"byId":{@}}""", """ "00000000-0000-0000-0000-#########012":null""", "stock.byId" },
        { """{"immutable":{@}}""", "\"#\":1", "stock.immutable" },
        { """{"sorted":{@}}""", "\"k#\":1", "stock.sorted" },
        { """{"inner":{"inner":{"numbers":[@]}}}""", "#", "stock.inner.inner.numbers" },
        { """{"list":[1,2],"groups":[[],[],[@]]}""", "#", "stock.groups[2]" },
        { """{"thing":{"$type":"bag","items":[@]}}""", "#", "stock.thing.items" },
        { """{"thing":{"items":[@],"$type":"bag"}}""", "#", "stock.thing.items" },
        { """{"choice":{"values":[@],"$type":"set"}}""", "#", "stock.choice.values" },
        { """{"choice":{"values":{@},"$type":"map"}}""", "\"#\":1", "stock.choice.values" },
        { """{"choice":{"values":{"values":[@],"$type":"set"},"$type":"nested"}}""", "#", "stock.choice.values.values" },
        { """{"numbered":{"values":[@],"$type":1}}""", "#", "stock.numbered.values" },
        { """{"series":{"$type":"distinct","$values":[@]}}""", "#", "stock.series" },
    };

    /// <summary>Bodies of <c>Store</c> whose collections are not limited.</summary>
    public static TheoryData<string, string> Free => new()
    {
        { """{"list":[@]}""", "#" },
        { """{"names":[@]}""", "\"n#\"" },
        { """{"tree":[@]}""", "#" },
        { """{"shelves":{@}}""", "\"s#\":[]" },
        { """{@}""", "\"unknown#\":1" },
        { """{"unknown":[@]}""", "#" },
        { """{"thing":{"$type":"row","items":[@]}}""", "#" },
        { """{"thing":{"items":[@],"$type":"row"}}""", "#" },
        { """{"numbered":{"$type":"1","values":[@]}}""", "#" },
        { """{"series":{"$type":"plain","$values":[@]}}""", "#" },
    };

    [Theory]
    [MemberData(nameof(Keyed))]
    public async Task More_elements_than_allowed_are_a_violation(string stock, string element, string path)
    {
        Assert.Empty(await _service.ViolationsAsync("Store", Body(stock, element, Limit)));

        KeyValuePair<string, string[]> error = Assert.Single(await _service.ViolationsAsync("Store", Body(stock, element, Limit + 1)));

        Assert.Equal(path, error.Key);
        Assert.Contains($"RpcServerOptions.MaxKeyedElements = {Limit}", Assert.Single(error.Value), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Free))]
    public async Task Other_collections_are_not_limited(string stock, string element) =>
        Assert.Empty(await _service.ViolationsAsync("Store", Body(stock, element, 20 * Limit)));

    [Fact]
    public async Task The_squares_of_several_collections_add_up()
    {
        // 99 groups of 10: 9,900 of 10,000.
        Assert.Empty(await _service.ViolationsAsync("Store", Groups(99, 10)));
        Assert.Equal("stock.groups[100]", Assert.Single(await _service.ViolationsAsync("Store", Groups(110, 10))).Key);
        Assert.Equal("stock.groups[1]", Assert.Single(await _service.ViolationsAsync("Store", Groups(2, 90))).Key);
    }

    [Fact]
    public async Task Broken_JSON_is_still_broken()
    {
        string body = Body("""{"numbers":[@]}""", "#", Limit)[..^3];

        (_, RpcGen.Server.Running.ServerCall call) = await _service.HandleAsync("Store", body);

        Assert.Equal("protocol", FaultReader.ReadCode(call.Reply.Written));
    }

    [Fact]
    public void Results_are_limited_too()
    {
        RpcJson json = RpcJsonFactory.Create([], new RpcContract("q")).WithMaxKeyedElements(Limit);

        json.ThrowIfExcessive(typeof(HashSet<long>), Numbers(Limit));
        json.ThrowIfExcessive(typeof(List<long>), Numbers(20 * Limit));

        Assert.Contains("MaxKeyedElements = 100", Assert.Throws<System.Text.Json.JsonException>(() => json.ThrowIfExcessive(typeof(HashSet<long>), Numbers(Limit + 1))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(101, false)]
    public void The_members_of_faults_are_limited_too(int elements, bool isRead)
    {
        RpcJson json = RpcJsonFactory.Create([], new RpcContract("q")).WithMaxKeyedElements(Limit);
        var member = new RpcProperty<HashSet<long>>(json, "numbers");
        using var problem = System.Text.Json.JsonDocument.Parse($$"""{"numbers":{{Encoding.UTF8.GetString(Numbers(elements))}}}""");
        var data = new RpcFaultData("m", problem.RootElement);

        Assert.Equal(isRead, Record.Exception(() => data.Get(member)) is null);
    }

    [Fact]
    public async Task A_client_refuses_a_result_with_more_elements_than_it_accepts()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync(Hosting.Application.NewAddress(), cancellationToken: TestContext.Current.CancellationToken);
        await connection.ServeAsync<IBounded>(new Lister(), cancellationToken: TestContext.Current.CancellationToken);
        IBounded client = connection.CreateClient<IBounded>(new RpcClientOptions { MaxKeyedElements = Limit });

        RpcProtocolException thrown = await Assert.ThrowsAsync<RpcProtocolException>(() => client.ListAsync(TestContext.Current.CancellationToken));

        Assert.Contains("MaxKeyedElements = 100", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(201, (await connection.CreateClient<IBounded>().ListAsync(TestContext.Current.CancellationToken)).Count);
    }

    [Fact]
    public void The_limit_must_be_positive()
    {
        Assert.Equal((20_000, 20_000), (new RpcServerOptions().MaxKeyedElements, new RpcClientOptions().MaxKeyedElements));
        Assert.Throws<ArgumentOutOfRangeException>(() => new RpcServerOptions { MaxKeyedElements = 0 }.Validate());
        Assert.Throws<ArgumentOutOfRangeException>(() => new RpcClientOptions { MaxKeyedElements = 0 }.Validate());
    }

    private static byte[] Numbers(int count) => Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(100, count))}]");

    private static string Groups(int groups, int size) =>
        Body("""{"groups":[@]}""", $"[{string.Join(',', Enumerable.Range(100, size))}]", groups);

    /// <summary>Bodies are above the size below which nothing is counted: an unknown member fills them.</summary>
    private static string Body(string stock, string element, int count)
    {
        string elements = string.Join(',', Enumerable.Range(0, count).Select(i => element
            .Replace("#########", $"{i:d9}", StringComparison.Ordinal)
            .Replace("#", $"{i}", StringComparison.Ordinal)));
        return $$"""{"stock":{{stock.Replace("@", elements, StringComparison.Ordinal)}},"unknown":"{{new string('x', 2 * Limit)}}"}""";
    }

    private sealed class Lister : IBounded
    {
        public Task<int> StoreAsync(Stock stock, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HashSet<long>> ListAsync(CancellationToken cancellationToken) => Task.FromResult(Enumerable.Range(0, 201).Select(i => (long)i).ToHashSet());

        public Task<int> CodeAsync(string code, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<int> CodesAsync(Code[] codes, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
