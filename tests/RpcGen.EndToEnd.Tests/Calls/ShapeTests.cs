using System.Text.Json;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Calls;

/// <summary>Round trips of every shape in docs/contracts.md.</summary>
public abstract class ShapeTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Numbers_and_enums()
    {
        IShapes shapes = await ShapesAsync();
        Numbers[] some =
        [
            new(255, -128, short.MinValue, ushort.MaxValue, uint.MaxValue, long.MinValue, ulong.MaxValue, Int128.MinValue, UInt128.MaxValue, (Half)0.5, float.MaxValue, double.Epsilon, decimal.MinValue, '\u2028', true, Season.Winter),
            new(0, 0, 0, 0, 0, 0, 0, 0, 0, Half.Zero, 0.1f, 0.1, 1.500m, 'x', false, (Season)77),
        ];
        foreach (Numbers numbers in some)
        {
            Assert.Equal(numbers, await shapes.NumbersAsync(numbers, Cancel));
        }
    }

    [Fact]
    public async Task Dates_times_and_identifiers()
    {
        var moments = new Moments(
            new DateTime(2026, 2, 28, 23, 59, 59, 999, DateTimeKind.Utc).AddTicks(1), new DateTimeOffset(1999, 1, 1, 0, 0, 0, TimeSpan.FromHours(-11)),
            DateOnly.MaxValue, TimeOnly.MaxValue, TimeSpan.FromTicks(-1), Guid.NewGuid(), new Uri("https://example.org/ü?a=b"), new Version(1, 2, 3));
        Assert.Equal(moments, await (await ShapesAsync()).MomentsAsync(moments, Cancel));
    }

    [Fact]
    public async Task Generic_types()
    {
        var page = new Page<Page<string>>([new(["a", "b"], null), new([], "c")], new(["d"], "e"));
        Assert.Equivalent(page, await (await ShapesAsync()).GenericAsync(page, Cancel), strict: true);
    }

    [Fact]
    public async Task Collections_and_dictionaries()
    {
        var collections = new Collections
        {
            Jagged = [[1], [], [2, 3]],
            Set = ["a", "b"],
            ByNumber = new() { [-1] = [Season.Spring], [2] = [] },
            ByText = new Dictionary<string, string?> { ["a.b"] = null, [""] = "empty" },
            Immutable = [1, 2],
            Queue = new([3, 4]),
            Lazy = Enumerable.Repeat(Guid.Empty, 2),
        };
        Collections echoed = await (await ShapesAsync()).CollectionsAsync(collections, Cancel);
        Assert.Equal(JsonSerializer.Serialize(collections), JsonSerializer.Serialize(echoed));
    }

    [Fact]
    public async Task Tuples() =>
        Assert.Equal((7, "t00000000-0000-0000-0000-000000000000True"), await (await ShapesAsync()).TupleAsync((3, "t"), (4, (Guid.Empty, true)), Cancel));

    [Fact]
    public async Task Subtypes_keep_their_type()
    {
        IShapes shapes = await ShapesAsync();
        Assert.Equal(new Circle(0.5), await shapes.FigureAsync(new Circle(0.5), Cancel));
        Assert.Equal(new Square(1, new Circle(2)), await shapes.FigureAsync(new Square(1, new Circle(2)), Cancel));
    }

    [Fact]
    public async Task Members_of_every_kind()
    {
        var members = new Members { Required = "r", Init = 1, Renamed = "n", Ignored = "i", Field = 2, Point = new(3, 4), Season = Season.Winter };
        Members echoed = await (await ShapesAsync()).MembersAsync(members, Cancel);
        Assert.Null(echoed.Ignored);
        echoed.Ignored = "i";
        Assert.Equivalent(members, echoed, strict: true);
    }

    [Fact]
    public async Task Bytes() =>
        Assert.Equal([1, 2, 3], (await (await ShapesAsync()).BytesAsync([1], new byte[] { 0, 2, 3 }.AsMemory(1), Cancel)).ToArray());

    [Fact]
    public async Task Json_elements()
    {
        JsonElement echoed = await (await ShapesAsync()).JsonAsync(JsonElement.Parse("""{"a":[1,2]}"""), "text", Cancel);
        Assert.Equal("""[{"a":[1,2]},"text"]""", echoed.GetRawText());
    }

    [Fact]
    public async Task Nullable_values_and_references()
    {
        IShapes shapes = await ShapesAsync();
        Assert.Null(await shapes.NullablesAsync(null, null, null, null, Cancel));
        Assert.Equal(204, await shapes.NullablesAsync(1, "", Season.Winter, [null, 3], Cancel));
    }

    [Fact]
    public async Task Overloads_params_and_defaults()
    {
        IShapes shapes = await ShapesAsync();
        Assert.Equal("by id", await shapes.FindAsync(1, Cancel));
        Assert.Equal("by name", await shapes.FindAsync("x", Cancel));
        Assert.Equal("a+b+c", await shapes.ParamsAsync("a", Cancel, "b", "c"));
        Assert.Equal("a", await shapes.ParamsAsync("a", Cancel));
        Assert.Equal("a\"\\\n|ü|0.1|-1.50|Winter||-9223372036854775808|0|True", await shapes.DefaultsAsync(cancellationToken: Cancel));
    }

    [Fact]
    public async Task Names_of_every_kind()
    {
        IShapes shapes = await ShapesAsync();
        Assert.Equal("c12", await shapes.@event("c", 1, 2, Cancel));
        Assert.Equal("abcd", await shapes.CreateClient("a", "b", "c", "d", Cancel));
        await shapes.Contract(Cancel);
        Assert.Equal(DayOfWeek.Friday, await shapes.ForeignAsync(System.Net.HttpStatusCode.NotFound, DayOfWeek.Friday, Cancel));
#pragma warning disable CS0618 // Obsolete methods can be called.
        Assert.Equal(1, await shapes.OldAsync(Cancel));
#pragma warning restore CS0618
    }

    [Fact]
    public async Task Inherited_methods_and_default_implementations()
    {
        IShapes shapes = await ShapesAsync();
        Assert.Equal("plain", await shapes.PlainAsync("plain", Cancel));
        Assert.Equal(1, await shapes.RootAsync(1, Cancel));
        Assert.Equal(-1, await shapes.LeftAsync(1, Cancel));
        Assert.Equal(2, await shapes.RightAsync(1, Cancel));
        Assert.Equal("t+t", await shapes.TwiceAsync("t"));
        Assert.Equal(42, IShapes.Answer);
    }

    [Fact]
    public async Task Internal_and_nested_contracts()
    {
        await (await ConnectAsync()).ServeAsync<Nest.IHidden>(new Nest.Hidden(), ServerOptions, Cancel);
        Assert.Equal(2, await (await ConnectAsync()).CreateClient<Nest.IHidden>(ClientOptions).IncrementAsync(1, Cancel));
    }

    [Fact]
    public async Task Contracts_with_the_same_name()
    {
        await (await ConnectAsync()).ServeAsync<Contracts.Other.IShapes>(new Contracts.Other.Shapes(), ServerOptions, Cancel);
        Assert.Equal("the other", await (await ConnectAsync()).CreateClient<Contracts.Other.IShapes>(ClientOptions).WhoAsync(Cancel));
    }

    private async Task<IShapes> ShapesAsync()
    {
        await (await ConnectAsync()).ServeAsync<IShapes>(new Shapes(), ServerOptions, Cancel);
        return (await ConnectAsync()).CreateClient<IShapes>(ClientOptions);
    }
}

public sealed class ShapeTestsInMemory(MemoryBroker broker) : ShapeTests(broker), IClassFixture<MemoryBroker>;

public sealed class ShapeTestsOnRabbitMq(SharedRabbit broker) : ShapeTests(broker);
