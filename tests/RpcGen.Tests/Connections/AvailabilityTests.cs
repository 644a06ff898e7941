using RpcGen.Connections;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Connections;

public sealed class AvailabilityTests
{
    private readonly Availability<string> _availability = new("the thing");

    [Fact]
    public async Task Waits_complete_with_the_open_object()
    {
        Task<string> before = _availability.WhenOpen;
        Assert.False(before.IsCompleted);

        _availability.Set("a");

        Assert.Equal("a", await before.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken));
        Assert.Equal("a", await _availability.WhenOpen.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task After_a_loss_waits_are_for_the_next_object()
    {
        _availability.Set("a");
        _availability.Clear();
        Task<string> waiting = _availability.WhenOpen;
        Assert.False(waiting.IsCompleted);

        _availability.Set("b");

        Assert.Equal("b", await waiting.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_end_fails_waits_for_good()
    {
        Task<string> waiting = _availability.WhenOpen;

        _availability.End();
        _availability.Set("too late");
        _availability.Clear();

        Assert.Equal("the thing", (await Assert.ThrowsAsync<ObjectDisposedException>(() => waiting.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken))).ObjectName);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _availability.WhenOpen.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task What_is_open_at_the_end_stays_available_until_it_is_lost()
    {
        _availability.Set("a");

        _availability.End();
        Assert.Equal("a", await _availability.WhenOpen.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken));

        _availability.Clear();
        _availability.End();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _availability.WhenOpen.WaitAsync(Bounds.Soon, TestContext.Current.CancellationToken));
    }
}
