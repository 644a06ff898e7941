using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Hosting;

/// <summary>The base of tests that break their broker. It is restored for the next test.</summary>
public abstract class BreakingTest(IBreakableBroker broker) : HostingTest(broker)
{
    private bool _isDown;

    protected IBreakableBroker Breakable { get; } = broker;

    protected async Task StopBrokerAsync()
    {
        await Breakable.StopAsync();
        _isDown = true;
    }

    protected async Task StartBrokerAsync()
    {
        await Breakable.StartAsync();
        _isDown = false;
    }

    protected override async Task CleanUpAsync()
    {
        if (_isDown)
        {
            await StartBrokerAsync();
        }

        await base.CleanUpAsync();
    }
}
