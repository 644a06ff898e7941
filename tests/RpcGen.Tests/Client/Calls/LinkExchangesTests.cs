using RpcGen.Client.Calls;
using RpcGen.Tests.Client.Support;
using RpcGen.Transport;

namespace RpcGen.Tests.Client.Calls;

/// <summary>When a link probes exchanges, and how long it knows them.</summary>
public sealed class LinkExchangesTests : ClientFixture
{
    [Fact]
    public async Task An_exchange_that_calls_wait_for_is_probed_after_a_pause()
    {
        int known = 0;
        LinkExchanges exchanges = Create(() => known++);

        exchanges.ProbeAgain("x");
        exchanges.ProbeAgain("x");
        Time.Advance(LinkExchanges.ProbePause - TimeSpan.FromMilliseconds(1));
        Assert.Empty(Connection.Probes);
        Time.Advance(TimeSpan.FromMilliseconds(1));

        await Until(() => known == 1);
        Assert.Equal(["x"], Connection.Probes);
    }

    [Fact]
    public async Task The_default_exchange_that_was_usable_is_not_probed_for_calls_again()
    {
        int known = 0;
        LinkExchanges exchanges = Create(() => known++);
        Assert.True(exchanges.TryFind("", out _));
        exchanges.ProbeAgain(""); // for a call that had found it refused before
        Time.Advance(LinkExchanges.ProbePause);
        await Until(() => known == 1);
        for (int i = 0; i < LinkExchanges.MaxKnown; i++)
        {
            Assert.True(exchanges.TryFind($"{i}", out _)); // more than are known at a time
        }

        Assert.True(exchanges.TryFind("", out TransportRefusedException? refusal));

        Assert.Null(refusal);
        Assert.Equal(2, Connection.Probes.Count(exchange => exchange.Length == 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_channel_of_a_probe_is_closed_whatever_it_found(bool isRefused)
    {
        Connection.OnProbe = _ => isRefused ? throw new TransportRefusedException(AmqpReplyCodes.NotFound, "no exchange") : Task.CompletedTask;

        Assert.True(Create(() => { }).TryFind("x", out TransportRefusedException? refusal));

        Assert.Equal(isRefused, refusal is not null);
        Assert.True(Assert.Single(Connection.Probers).IsDisposed);
    }

    private LinkExchanges Create(Action onKnown) => new(Connection, Environment, onKnown);
}
