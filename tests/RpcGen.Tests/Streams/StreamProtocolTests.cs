using System.Text;
using System.Text.Json;
using RpcGen.Protocol;
using RpcGen.Streams;
using RpcGen.Transport;
using Xunit;

namespace RpcGen.Tests.Streams;

/// <summary>Parameters and bodies of the messages of streams.</summary>
public sealed class StreamProtocolTests
{
    [Fact]
    public void An_offer_is_read_as_it_was_written()
    {
        var offer = new StreamOffer(262_144, 5, TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1));

        Assert.Equal("application/json;window=262144;beat=2000;items=5;total=60000", offer.ToContentType());
        Assert.True(StreamOffer.TryRead(offer.ToContentType(), out StreamOffer read));
        Assert.Equal(offer, read);
    }

    [Theory]
    [InlineData("application/json")]
    [InlineData(null)]
    [InlineData("application/json;window=0")]
    [InlineData("application/json;window=-1")]
    [InlineData("application/json;window=x")]
    [InlineData("application/json;windows=5")]
    public void Without_a_window_there_is_no_stream(string? contentType) => Assert.False(StreamOffer.TryRead(contentType, out _));

    [Theory]
    [InlineData("application/json; window=5 ; beat=1", 5, 100)]
    [InlineData("application/json;x=y;window=9223372036854775807;beat=99999999", long.MaxValue, 60_000)]
    [InlineData("application/json;window=7", 7, 5_000)]
    public void Offers_of_peers_are_read_within_limits(string contentType, long window, int beat)
    {
        Assert.True(StreamOffer.TryRead(contentType, out StreamOffer offer));
        Assert.Equal((window, TimeSpan.FromMilliseconds(beat)), (offer.Window, offer.Beat));
    }

    [Fact]
    public void Bodies_are_read_as_they_were_written()
    {
        Assert.Equal("""{"every":5000}""", Encoding.UTF8.GetString(StreamBodies.WriteOpen(TimeSpan.FromSeconds(5))));
        Assert.Equal(TimeSpan.FromSeconds(5), StreamBodies.ReadEvery(StreamBodies.WriteOpen(TimeSpan.FromSeconds(5))));
        Assert.Equal("""{"bytes":393216}""", Encoding.UTF8.GetString(StreamBodies.WriteGrant(393_216, long.MaxValue)));
        Assert.Equal((393_216, null), StreamBodies.ReadGrant(StreamBodies.WriteGrant(393_216, long.MaxValue)));
        Assert.Equal((1, 2), StreamBodies.ReadGrant(StreamBodies.WriteGrant(1, 2)));

        BeatEntry[] calls = [new(new CorrelationId(255ul), 3, IsServed: true), new(new CorrelationId("x"), 0, IsServed: false)];
        byte[] beat = StreamBodies.WriteBeat(TimeSpan.FromSeconds(5), calls);
        Assert.Equal("""{"every":5000,"calls":[["x",0]],"served":[["00000000000000ff",3]]}""", Encoding.UTF8.GetString(beat));
        Assert.Equal(calls.Order(Comparer<BeatEntry>.Create((a, b) => a.IsServed.CompareTo(b.IsServed))), Read(beat));
    }

    [Theory]
    [InlineData("item", nameof(StreamMessageKind.Item), null)]
    [InlineData("item:orders", nameof(StreamMessageKind.Item), "orders")]
    [InlineData("end:a:b", nameof(StreamMessageKind.End), "a:b")]
    [InlineData("fault:x", nameof(StreamMessageKind.Fault), "x")]
    [InlineData("grant:x", nameof(StreamMessageKind.Grant), "x")]
    [InlineData("cancel:x", nameof(StreamMessageKind.Cancel), "x")]
    [InlineData("beat:x", nameof(StreamMessageKind.Unsupported), "x")]
    [InlineData("open:x", nameof(StreamMessageKind.Unsupported), "x")]
    [InlineData(":x", nameof(StreamMessageKind.Unsupported), null)]
    [InlineData("what", nameof(StreamMessageKind.Unsupported), null)]
    [InlineData("", nameof(StreamMessageKind.Result), null)]
    [InlineData(null, nameof(StreamMessageKind.Result), null)]
    public void Types_name_the_parameter_that_they_are_about(string? type, string kind, string? parameter)
    {
        Assert.Equal(Enum.Parse<StreamMessageKind>(kind), StreamMessageKinds.Of(type, out string? name));
        Assert.Equal(parameter, name);
    }

    [Fact]
    public void A_grant_can_announce_its_sender()
    {
        byte[] grant = StreamBodies.WriteGrant(5, 7, TimeSpan.FromSeconds(2));

        Assert.Equal("""{"every":2000,"bytes":5,"items":7}""", Encoding.UTF8.GetString(grant));
        Assert.Equal((5, 7), StreamBodies.ReadGrant(grant));
        Assert.Equal(TimeSpan.FromSeconds(2), StreamBodies.ReadEvery(grant));
    }

    [Theory]
    [InlineData("""{"served":[["1",2,{"more":[1]}]],"later":{"a":1}}""", 1)]
    [InlineData("""{}""", 0)]
    [InlineData("""{"calls":[]}""", 0)]
    public void Later_versions_can_add_to_beats(string body, int count) => Assert.Equal(count, Read(Encoding.UTF8.GetBytes(body)).Count);

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"calls":5}""")]
    [InlineData("""{"calls":[5]}""")]
    [InlineData("""{"calls":[["1"]]}""")]
    [InlineData("""{"calls":[["1",-1]]}""")]
    [InlineData("""{"calls":[["1",1.5]]}""")]
    [InlineData("""{"calls":[[1,1]]}""")]
    [InlineData("""{"calls":[["1",1]""")]
    [InlineData("""{"calls":[["\ud800",1]]}""")]
    [InlineData("""{"\ud800":1}""")]
    public void Other_bodies_are_refused(string body) => Assert.ThrowsAny<JsonException>(() => Read(Encoding.UTF8.GetBytes(body)));

    [Fact]
    public void An_id_that_is_too_long_is_refused() =>
        Assert.ThrowsAny<JsonException>(() => Read(Encoding.UTF8.GetBytes($$"""{"calls":[["{{new string('x', 256)}}",1]]}""")));

    [Fact]
    public void New_streams_share_the_memory_that_is_left()
    {
        var budget = new StreamBudget(1 << 20);

        Assert.Equal(64 << 10, budget.Take(0)); // an eighth of one half
        Assert.Equal(1000, budget.Take(1000)); // what the method asks for
        for (int i = 0; i < 100; i++)
        {
            Assert.InRange(budget.Take(0), StreamLimits.LeastWindow, 64 << 10);
        }

        Assert.Equal(StreamLimits.LeastWindow, budget.Take(0)); // it can always go on
        Assert.Equal(0, budget.Grow(StreamLimits.LeastWindow));

        var large = new StreamBudget(64 << 20);
        Assert.Equal(StreamLimits.DefaultWindow, large.Take(0));
        Assert.Equal(StreamLimits.DefaultWindow, large.Grow(StreamLimits.DefaultWindow));
        Assert.Equal(0, large.Grow(StreamLimits.LargestWindow));
        large.Return(2 * StreamLimits.DefaultWindow);
        Assert.Equal(0, large.Used);
    }

    /// <summary>As many as a server has by default. The windows of the first ones must not use up what the others need.</summary>
    [Fact]
    public void A_thousand_streams_stay_within_the_memory()
    {
        var budget = new StreamBudget(64 << 20);

        Parallel.For(0, 1000, _ => Assert.InRange(budget.Take(0), StreamLimits.LeastWindow, StreamLimits.DefaultWindow));

        Assert.InRange(budget.Used, 1000 * StreamLimits.LeastWindow, 64 << 20);
    }

    private static List<BeatEntry> Read(byte[] body)
    {
        var calls = new List<BeatEntry>();
        StreamBodies.ReadBeat(body, calls.Add);
        return calls;
    }
}
