using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Serialization;

namespace RpcGen.Tests.Serialization;

public sealed class RpcJsonFactoryTests
{
    private static readonly JsonSerializerOptions Options = RpcJsonFactory.Create([], new RpcContract("q")).Options;

    [Fact]
    public void The_settings_are_those_of_the_protocol()
    {
        Assert.Equal(JsonNumberHandling.Strict, Options.NumberHandling);
        Assert.True(Options.RespectNullableAnnotations);
        Assert.True(Options.AllowOutOfOrderMetadataProperties);
        Assert.Equal(JsonLimits.MaxDepth, Options.MaxDepth);
        Assert.True(Options.PropertyNameCaseInsensitive);
        Assert.True(Options.IsReadOnly);
        Assert.Equal("""{"someName":1}""", JsonSerializer.Serialize(new Named(1), Options));
    }

    [Fact]
    public void Metadata_comes_from_the_user_then_the_contract_then_RpcGen()
    {
        var asked = new List<string>();
        var contract = new RpcContract("q") { JsonContexts = [new Resolver("contract", asked)] };
        JsonSerializerOptions options = RpcJsonFactory.Create([new Resolver("user", asked)], contract).Options;

        Assert.IsType<JsonTypeInfo<int>>(options.GetTypeInfo(typeof(int)));

        Assert.Equal(["user", "contract"], asked);
    }

    [Fact]
    public void Framework_types_need_no_reflection() =>
        Assert.All<Type>([typeof(int), typeof(string), typeof(Guid), typeof(DateTimeOffset?), typeof(List<string>), typeof(byte[])], type => Assert.NotNull(FrameworkJsonContext.Default.GetTypeInfo(type)));

    [Fact]
    public void Tuples_have_their_members()
    {
        string json = JsonSerializer.Serialize((1, "two"), Options);

        Assert.Equal("""{"Item1":1,"Item2":"two"}""", json);
        Assert.Equal((1, "two"), JsonSerializer.Deserialize<(int, string)>(json, Options));
    }

    [Fact]
    public void Other_types_are_left_alone()
    {
        Assert.Equal("""{"item1":1}""", JsonSerializer.Serialize(Tuple.Create(1), Options)); // a class has properties
        Assert.Equal("{}", JsonSerializer.Serialize(new WithField { Field = 1 }, Options));
        Assert.Equal("[1]", JsonSerializer.Serialize(new TupleLikeList { 1 }, Options));
        Assert.Equal("{}", JsonSerializer.Serialize(new TupleLikeClass(), Options));
    }

    [Theory]
    [InlineData("""{"needed":0,"name":"a","price":1,"left":2}""", true)]
    [InlineData("""{"needed":0,"name":"a","price":1}""", true)]
    [InlineData("""{"needed":0,"price":1}""", true)] // the checks for null find it
    [InlineData("""{"needed":0,"name":"a"}""", false)]
    [InlineData("""{"needed":0,"name":"a","price":1,"chosen":{}}""", false)]
    [InlineData("""{"needed":0,"name":"a","price":1,"chosen":{"text":null}}""", true)]
    [InlineData("""{"needed":0,"name":"a","price":1,"part":{}}""", false)]
    [InlineData("""{"needed":0,"name":"a","price":1,"part":{"number":1}}""", true)]
    public void Servers_need_what_a_constructor_needs_and_clients_do_not(string json, bool isComplete)
    {
        Assert.NotNull(JsonSerializer.Deserialize<Item>(json.Replace("\"chosen\":{}", "\"chosen\":null", StringComparison.Ordinal), Options));
        foreach (IJsonTypeInfoResolver[] contexts in new IJsonTypeInfoResolver[][] { [], [ItemContext.Default] })
        {
            JsonSerializerOptions server = RpcJsonFactory.Create(contexts, new RpcContract("q"), isServer: true).Options;
            if (isComplete)
            {
                Assert.NotNull(JsonSerializer.Deserialize<Item>(json, server));
            }
            else
            {
                Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<Item>(json, server));
            }

            Assert.Equal("""{"name":"a","price":0,"maybe":null,"count":1,"part":null,"chosen":null,"needed":0,"settable":0,"initial":0}""", JsonSerializer.Serialize(new Item("a", 0, null, 0) { Needed = 0 }, server));
        }
    }

    internal sealed record Item(string Name, decimal Price, int? Maybe, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] int Left, int Count = 1, Part? Part = null, Choice? Chosen = null)
    {
        public required int? Needed { get; set; }

        public int Settable { get; set; }

        public int Initial { get; init; }
    }

    internal sealed record Choice([property: JsonRequired] string? Text);

    internal readonly record struct Part
    {
        [JsonConstructor]
        public Part(int number) => Number = number;

        public int Number { get; }
    }

    private sealed record Named(int SomeName);

    private sealed class Resolver(string name, List<string> asked) : IJsonTypeInfoResolver
    {
        public JsonTypeInfo? GetTypeInfo(Type type, JsonSerializerOptions options)
        {
            asked.Add(name);
            return null;
        }
    }

#pragma warning disable CA1051, CS0649, CA1815 // fields are what these types are about
    private struct WithField
    {
        public int Field;
    }

    private sealed class TupleLikeClass : System.Runtime.CompilerServices.ITuple
    {
        public int Field;

        int System.Runtime.CompilerServices.ITuple.Length => 1;

        object? System.Runtime.CompilerServices.ITuple.this[int index] => Field;
    }
#pragma warning restore CA1051, CS0649, CA1815

    private sealed class TupleLikeList : List<int>;
}

[JsonSerializable(typeof(RpcJsonFactoryTests.Item))]
internal sealed partial class ItemContext : JsonSerializerContext;
