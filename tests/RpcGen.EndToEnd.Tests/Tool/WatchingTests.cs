using Microsoft.Extensions.Time.Testing;
using RpcGen.Cli.Watching;
using RpcGen.Watching;

namespace RpcGen.EndToEnd.Tests.Tool;

/// <summary>How the tool adds up what instances say.</summary>
public sealed class WatchingTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void Rates_are_differences_of_answers_of_the_same_instance()
    {
        InstanceSample before = Sample("a", new RpcMethodStatistics { Name = "M", Answered = 10, Faulted = 1, Durations = [11] });
        _time.Advance(TimeSpan.FromSeconds(2));

        ServiceView view = View(
            [Sample("a", new RpcMethodStatistics { Name = "M", Answered = 30, Faulted = 5, Durations = [11, 24] }), Sample("new", new RpcMethodStatistics { Name = "M", Answered = 1_000 })], before);

        MethodView method = Assert.Single(view.Methods);
        Assert.Equal((12d, 2d), (method.CallsPerSecond, method.FaultsPerSecond));
        Assert.Equal((1_030, 24, "<0.5"), (method.Total.Answered, method.Latest.Calls, method.Latest.Percentile(0.5)));
        Assert.Equal((2, 12d), (view.Instances, view.All.CallsPerSecond));
    }

    [Fact]
    public void Counts_that_fall_or_overflow_do_not_count()
    {
        InstanceSample before = Sample("a", new RpcMethodStatistics { Name = "M", Answered = 10, Durations = [10] }, new RpcMethodStatistics { Name = "N", Answered = 5 });
        _time.Advance(TimeSpan.FromSeconds(1));

        ServiceView view = View([Sample("a", new RpcMethodStatistics { Name = "M", Answered = 3, Faulted = long.MaxValue, Cancelled = long.MaxValue, Durations = [.. Enumerable.Repeat(long.MaxValue, 100)] })], before);

        Assert.Equal(0, view.Methods[0].Latest.Answered);
        Assert.True(view.All.CallsPerSecond >= 0);
        Assert.NotEqual("", view.All.Total.Percentile(0.99));
    }

    [Fact]
    public void Without_an_earlier_answer_there_is_no_rate()
    {
        ServiceView view = View([Sample("a", new RpcMethodStatistics { Name = "M", Answered = 10 })]);

        Assert.Equal((null, "-", "-"), (view.All.CallsPerSecond, MethodView.Text(view.All.FaultsPerSecond), view.All.Latest.Percentile(0.5)));
    }

    [Theory]
    [InlineData(0.5, "<0.25")]
    [InlineData(0.9, "<1")]
    [InlineData(0.99, "<1")]
    [InlineData(0.999, ">1048576")]
    public void A_percentile_is_the_end_of_its_range(double share, string text)
    {
        var totals = new CallTotals();
        totals.Add(new RpcMethodStatistics { Durations = [500, 0, 495, .. new long[20], 5] });

        Assert.Equal(text, totals.Percentile(share));
    }

    [Theory]
    [InlineData(null, "-")]
    [InlineData(0d, "0")]
    [InlineData(0.25, "0.3")]
    [InlineData(9.4, "9.4")]
    [InlineData(1234.4, "1234")]
    public void Rates_are_short(double? rate, string text) => Assert.Equal(text, MethodView.Text(rate));

    private InstanceSample Sample(string id, params RpcMethodStatistics[] methods) =>
        new(new RpcServiceStatistics { Service = new() { Queue = "q", Instance = new() { Id = id } }, Places = 64, Methods = methods }, _time.GetTimestamp());

    private ServiceView View(InstanceSample[] now, params InstanceSample[] before) =>
        ServiceView.Of("q", now, before.ToDictionary(sample => sample.Statistics.Service.Instance.Id), _time);
}
