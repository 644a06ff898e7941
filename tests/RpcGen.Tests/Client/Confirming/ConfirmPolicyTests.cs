using Microsoft.Extensions.Time.Testing;
using RpcGen.Client.Confirming;

namespace RpcGen.Tests.Client.Confirming;

/// <summary>Each move of a queue between the modes, and what is no reason to move.</summary>
public sealed class ConfirmPolicyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly ConfirmPolicy _policy;

    public ConfirmPolicyTests() => _policy = new ConfirmPolicy(_time);

    [Fact]
    public void A_new_queue_is_in_doubt_until_a_call_with_a_confirm_is_answered()
    {
        Assert.Equal((ConfirmMode.Asking, true), (_policy.Mode, _policy.Asks));
        _policy.OnAnswered(wasAsked: false, isFree: false);
        Assert.Equal(ConfirmMode.Asking, _policy.Mode);

        _policy.OnAnswered(wasAsked: true, isFree: false);

        Assert.Equal((ConfirmMode.Plain, false), (_policy.Mode, _policy.Asks));
    }

    [Fact]
    public void A_call_that_has_waited_for_a_quarter_of_a_second_brings_the_doubt_back()
    {
        BecomePlain();
        long sent = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(_policy.OnOverdue(sent));
        Assert.Equal(ConfirmMode.Plain, _policy.Mode);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.True(_policy.OnOverdue(sent));

        Assert.Equal(ConfirmMode.Asking, _policy.Mode);
        _policy.OnAnswered(wasAsked: false, isFree: false);
        Assert.Equal(ConfirmMode.Asking, _policy.Mode);
        _policy.OnAnswered(wasAsked: true, isFree: false);
        Assert.Equal(ConfirmMode.Plain, _policy.Mode);
    }

    [Fact]
    public void One_slow_call_brings_the_doubt_once_however_long_it_runs()
    {
        BecomePlain();
        long slow = _time.GetTimestamp();
        _time.Advance(TimeSpan.FromSeconds(1));
        long younger = _time.GetTimestamp();
        Assert.True(_policy.OnOverdue(slow));
        _policy.OnAnswered(wasAsked: true, isFree: false);
        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.False(_policy.OnOverdue(slow));

        Assert.Equal(ConfirmMode.Plain, _policy.Mode);
        Assert.True(_policy.OnOverdue(younger));
    }

    [Fact]
    public void A_call_that_has_run_out_of_time_brings_the_doubt_back()
    {
        BecomePlain();

        _policy.OnTimedOut();

        Assert.Equal(ConfirmMode.Asking, _policy.Mode);
    }

    [Fact]
    public void A_refusal_brings_the_doubt_back_for_ten_seconds()
    {
        BecomePlain();
        Assert.False(_policy.HasRefused);

        _policy.OnRefused();

        Assert.Equal((ConfirmMode.Asking, true), (_policy.Mode, _policy.HasRefused));
        _time.Advance(TimeSpan.FromSeconds(9.9));
        _policy.OnAnswered(wasAsked: true, isFree: false);
        Assert.Equal(ConfirmMode.Asking, _policy.Mode);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(_policy.HasRefused);
        _policy.OnAnswered(wasAsked: true, isFree: false);
        Assert.Equal(ConfirmMode.Plain, _policy.Mode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_quorum_queue_is_always_asked(bool wasPlain)
    {
        if (wasPlain)
        {
            BecomePlain();
        }

        _policy.OnAnswered(wasAsked: !wasPlain, isFree: true);

        Assert.Equal((ConfirmMode.Always, true), (_policy.Mode, _policy.Asks));
        _policy.OnAnswered(wasAsked: true, isFree: true);
        _policy.OnRefused();
        _time.Advance(TimeSpan.FromSeconds(1));
        _policy.OnOverdue(_time.GetTimestamp() - _time.TimestampFrequency);
        _policy.OnAnswered(wasAsked: false, isFree: false); // the late answer to a call that was sent before
        Assert.Equal(ConfirmMode.Always, _policy.Mode);
    }

    [Fact]
    public void A_quorum_queue_that_became_another_one_is_plain()
    {
        _policy.OnAnswered(wasAsked: true, isFree: true);

        _policy.OnAnswered(wasAsked: true, isFree: false);

        Assert.Equal(ConfirmMode.Plain, _policy.Mode);
    }

    private void BecomePlain()
    {
        _policy.OnAnswered(wasAsked: true, isFree: false);
        Assert.Equal(ConfirmMode.Plain, _policy.Mode);
    }
}
