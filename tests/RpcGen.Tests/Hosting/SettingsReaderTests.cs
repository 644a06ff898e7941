using RpcGen.Hosting;

namespace RpcGen.Tests.Hosting;

/// <summary>How values of configuration are read.</summary>
public sealed class SettingsReaderTests
{
    private readonly SettingsProblems _problems = new();

    [Theory]
    [InlineData("12", 12)]
    [InlineData(" -3 ", -3)]
    [InlineData("", null)]
    [InlineData(null, null)]
    public void Numbers(string? text, int? expected) => Assert.Equal((expected, 0), (Reader(text).Number("Key"), _problems.Errors.Count));

    [Theory]
    [InlineData("True", true)]
    [InlineData("false ", false)]
    [InlineData("", null)]
    public void Flags(string text, bool? expected) => Assert.Equal((expected, 0), (Reader(text).Flag("Key"), _problems.Errors.Count));

    [Theory]
    [InlineData("00:00:30", 30_000)]
    [InlineData("1.00:00:00.5", 86_400_500)]
    [InlineData("INFINITE", -1)]
    public void Times(string text, int milliseconds) => Assert.Equal((TimeSpan.FromMilliseconds(milliseconds), 0), (Reader(text).Time("Key")!.Value, _problems.Errors.Count));

    [Theory]
    [InlineData("quorum", RpcQueueType.Quorum)]
    [InlineData("NonDurable", RpcQueueType.NonDurable)]
    [InlineData("BrokerDefault", RpcQueueType.BrokerDefault)]
    public void Queue_types(string text, RpcQueueType expected) => Assert.Equal((expected, 0), (Reader(text).Choice<RpcQueueType>("Key")!.Value, _problems.Errors.Count));

    [Theory]
    [InlineData("30")]
    [InlineData("x:y")]
    [InlineData("soon")]
    public void Times_without_colon_are_refused(string text)
    {
        Assert.Null(Reader(text).Time("Key"));
        Assert.Equal($"Part:Key is '{text}', which can't be read: write hours:minutes:seconds such as 00:00:30, or infinite.", Assert.Single(_problems.Errors));
    }

    [Theory]
    [InlineData("1")]
    [InlineData("Lazy")]
    [InlineData("Classic,Quorum")]
    public void Queue_types_are_named(string text)
    {
        Assert.Null(Reader(text).Choice<RpcQueueType>("Key"));
        Assert.Equal($"Part:Key is '{text}', which can't be read: write Classic or Quorum or NonDurable or BrokerDefault.", Assert.Single(_problems.Errors));
    }

    [Fact]
    public void Other_values_are_refused_with_their_form()
    {
        Assert.Null(Reader("1.5").Number("Key"));
        Assert.Null(Reader("yes").Flag("Key"));

        Assert.Equal(
            ["Part:Key is '1.5', which can't be read: write a whole number such as 64.", "Part:Key is 'yes', which can't be read: write true or false."],
            _problems.Errors);
    }

    [Fact]
    public void Keys_that_are_not_read_are_warned_of()
    {
        var reader = new SettingsReader(Application.Configure(("Part:Read", "x"), ("Part:left:Inner", "x"), ("Part:Misspelt", "x")).GetSection("Part"), _problems);
        reader.Text("READ");
        reader.Leave("Left");

        reader.WarnOfUnknown();

        Assert.Equal("Part:Misspelt is not a setting of RpcGen. Known here: READ, Left.", Assert.Single(_problems.Warnings));
        Assert.Empty(_problems.Errors);
    }

    [Fact]
    public void Checks_report_the_message_without_what_is_for_programmers()
    {
        Assert.True(_problems.Check("A:", () => { }));
        Assert.False(_problems.Check("A:", () => throw new ArgumentException("It is bad", "name")));
        Assert.False(_problems.Check("B: ", () => throw new ArgumentOutOfRangeException("name", 3, "It is\nworse.")));
        Assert.False(_problems.Check("A:", () => throw new ArgumentException("It is bad", "name")));
        Assert.Throws<InvalidOperationException>(() => _problems.Check("A:", () => throw new InvalidOperationException()));

        Assert.Equal(["A:It is bad.", "B: It is worse.", "A:It is bad."], _problems.Errors);
        Assert.Equal(["A:It is bad.", "B: It is worse."], _problems.ToResult().Failures);
        Assert.True(new SettingsProblems().ToResult().Succeeded);
    }

    private SettingsReader Reader(string? text) => new(Application.Configure(("Part:Key", text)).GetSection("Part"), _problems);
}
