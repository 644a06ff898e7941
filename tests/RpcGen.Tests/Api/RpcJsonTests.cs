using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using RpcGen.Generated;
using RpcGen.Serialization;
using RpcGen.Testing;

namespace RpcGen.Tests.Api;

/// <summary>What <c>[RpcJson]</c> changes, and that nothing changes without it.</summary>
public sealed class RpcJsonTests : IAsyncLifetime
{
    private readonly RpcTestBroker _broker = new();
    private RpcConnection _connection = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _connection = await _broker.ConnectAsync(cancellationToken: Cancel);
        await _connection.ServeAsync<IFlexible>(new Flexible(), cancellationToken: Cancel);
        await _connection.ServeAsync<IStrict>(new Strict(), cancellationToken: Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _connection.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Fact]
    public async Task Client_and_server_agree()
    {
        var parcel = new Parcel(Paint.Green, long.MaxValue, [long.MinValue], new Dictionary<long, Paint?> { [-1] = null }, 7, UInt128.MaxValue, null, DayOfWeek.Monday);
        Assert.Equivalent(parcel, await _connection.CreateClient<IFlexible>().EchoAsync(parcel, Cancel), strict: true);
        Assert.Equivalent(parcel, await _connection.CreateClient<IStrict>().EchoAsync(parcel, Cancel), strict: true);
    }

    [Theory]
    [InlineData(
        "Tests.Flexible",
        """{"PARCEL":{"paint":"Green","number":"9223372036854775807","numbers":[1,"\u0032"],"byNumber":{"-1":"Red"},"count":"7","huge":"340282366920938463463374607431768211455","maybe":null,"day":1}}""",
        """{"paint":"Green","number":"9223372036854775807","numbers":["1","2"],"byNumber":{"-1":"Red"},"count":7,"huge":"340282366920938463463374607431768211455","maybe":null,"day":"Monday"}""")]
    [InlineData(
        "Tests.Strict",
        """{"parcel":{"paint":1,"number":9223372036854775807,"numbers":[1],"byNumber":{"-1":0},"count":7,"huge":1,"maybe":2,"day":1}}""",
        """{"paint":1,"number":9223372036854775807,"numbers":[1],"byNumber":{"-1":0},"count":7,"huge":1,"maybe":2,"day":1}""")]
    [InlineData("Tests.Strict", """{"PARCEL":null}""", "parcel: The argument is required.")]
    [InlineData("Tests.Strict", """{"parcel":{"paint":"Green","number":1,"numbers":[],"byNumber":{},"count":7,"huge":1,"day":1}}""", "parcel.paint: Expected a number, or a name if the contract says so, but found a text.")]
    [InlineData("Tests.Strict", """{"parcel":{"paint":1,"number":"1","numbers":[],"byNumber":{},"count":7,"huge":1,"day":1}}""", "parcel.number: Expected an integer from -9223372036854775808 to 9223372036854775807, but found a text.")]
    [InlineData("Tests.Flexible", """{"parcel":{"paint":1,"number":"1.5","numbers":[],"byNumber":{},"count":7,"huge":1,"day":1}}""", "parcel.number: Expected an integer from -9223372036854775808 to 9223372036854775807, but found a text.")]
    [InlineData("Tests.Flexible", """{"parcel":{"paint":1,"number":true,"numbers":[],"byNumber":{},"count":7,"huge":1,"day":1}}""", "parcel.number: Expected an integer from -9223372036854775808 to 9223372036854775807, but found a truth value.")]
    public async Task What_is_read_and_written(string queue, string arguments, string expected)
    {
        string outcome;
        try
        {
            outcome = Encoding.UTF8.GetString((await _connection.CreateDynamicClient(queue).CallAsync("Echo", Encoding.UTF8.GetBytes(arguments), cancellationToken: Cancel)).Span);
        }
        catch (RpcValidationException e)
        {
            outcome = string.Join(" | ", e.Errors.Select(error => $"{error.Key}: {string.Join(' ', error.Value)}"));
        }

        Assert.Equal(expected, outcome);
    }

    [Fact]
    public async Task A_client_of_another_contract_is_told_the_place_and_the_cause()
    {
        IStrict client = _connection.CreateClient<IStrict>(new RpcClientOptions { Queue = "Tests.Flexible" });
        RpcProtocolException e = await Assert.ThrowsAsync<RpcProtocolException>(() => client.EchoAsync(new Parcel(Paint.Red, 1, [], [], 1, 1, null, default), Cancel));
        Assert.Contains("'result.paint' is a text, but the contract has a number. Server and client are built from contracts that differ, for example in [RpcJson].", e.Message, StringComparison.Ordinal);
        Assert.Equal(RpcExecution.Started, e.Execution);
    }

    [Fact]
    public async Task The_description_says_what_the_JSON_is()
    {
        JsonElement flexible = await DescribeAsync("Tests.Flexible"), strict = await DescribeAsync("Tests.Strict");
        Assert.Equal("""["Red","Green"]""", Definition(flexible, "Paint").GetProperty("enum").GetRawText());
        Assert.Equal("[0,1]", Definition(strict, "Paint").GetProperty("enum").GetRawText());

        JsonElement members = Definition(flexible, "Parcel").GetProperty("properties");
        Assert.Equal("""{"type":["string","integer"],"pattern":"^-?(?:0|[1-9]\\d*)$","format":"int64"}""", JsonSerializer.Serialize(members.GetProperty("number"), Relaxed));
        Assert.Equal("""{"type":["string","integer","null"],"pattern":"^-?(?:0|[1-9]\\d*)$","format":"uint64"}""", JsonSerializer.Serialize(members.GetProperty("maybe"), Relaxed));
        Assert.Equal("""{"type":"integer","format":"int64"}""", Definition(strict, "Parcel").GetProperty("properties").GetProperty("number").GetRawText());
    }

    [Fact]
    public void A_context_that_the_compiler_generates_gives_the_same_JSON()
    {
        var parcel = new Parcel(Paint.Green, 1, [2], new Dictionary<long, Paint?> { [3] = Paint.Red }, 4, 5, 6, DayOfWeek.Friday);
        RpcContract contract = Describe<IFlexible>();
        string expected = JsonSerializer.Serialize(parcel, RpcJsonFactory.Create([], contract).Options);
        JsonSerializerOptions options = RpcJsonFactory.Create([ParcelContext.Default], contract).Options;
        Assert.Equal(expected, JsonSerializer.Serialize(parcel, options));
        Assert.Equal("""{"paint":"Green","number":"1","numbers":["2"],"byNumber":{"3":"Red"},"count":4,"huge":"5","maybe":"6","day":"Friday"}""", expected);
        Assert.Equivalent(parcel, JsonSerializer.Deserialize<Parcel>(expected, options), strict: true);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static RpcContract Describe<T>()
        where T : class, IRpcContract<T> => T.DescribeContract();

    private async Task<JsonElement> DescribeAsync(string queue) =>
        JsonSerializer.Deserialize<JsonElement>((await _connection.DescribeAsync(queue, Cancel)).Utf8Json.Span);

    private static JsonElement Definition(JsonElement description, string name) =>
        description.GetProperty("$defs").EnumerateObject().Single(definition => definition.Name.EndsWith(name, StringComparison.Ordinal)).Value;

    private sealed class Flexible : IFlexible
    {
        public Task<Parcel> EchoAsync(Parcel parcel, CancellationToken cancellationToken) => Task.FromResult(parcel);
    }

    private sealed class Strict : IStrict
    {
        public Task<Parcel> EchoAsync(Parcel parcel, CancellationToken cancellationToken) => Task.FromResult(parcel);
    }
}

[AmqpRpc("Tests.Flexible")]
[RpcJson(EnumsAsText = true, Int64AsText = true, NumbersFromText = true, CaseInsensitiveArguments = true)]
internal partial interface IFlexible
{
    Task<Parcel> EchoAsync(Parcel parcel, CancellationToken cancellationToken);
}

[AmqpRpc("Tests.Strict")]
internal partial interface IStrict
{
    Task<Parcel> EchoAsync(Parcel parcel, CancellationToken cancellationToken);
}

internal enum Paint
{
    Red,
    Green,
}

internal sealed record Parcel(
    Paint Paint,
    long Number,
    List<long> Numbers,
    Dictionary<long, Paint?> ByNumber,
    int Count,
    UInt128 Huge,
    [property: JsonNumberHandling(JsonNumberHandling.AllowReadingFromString)] ulong? Maybe,
    DayOfWeek Day);

[JsonSerializable(typeof(Parcel))]
internal sealed partial class ParcelContext : JsonSerializerContext;
