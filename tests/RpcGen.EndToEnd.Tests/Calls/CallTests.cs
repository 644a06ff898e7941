using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Calls;

/// <summary>Calls that succeed.</summary>
public abstract class CallTests(ITestBroker broker) : EndToEndTest(broker)
{
    [Fact]
    public async Task Every_kind_of_method_gives_its_result()
    {
        ICalculator calculator = await ServeAndConnectAsync(new Calculator());

        Assert.Equal(5, await calculator.AddAsync(2, 3, Cancel));
        Assert.Equal(-7, await calculator.NegateAsync(7));
        await calculator.RememberAsync("Grüße \"42\" \u2028 \U0001F600", Cancel);
        Assert.Equal("Grüße \"42\" \u2028 \U0001F600", await calculator.RecallAsync());
        await calculator.ForgetAsync();
        Assert.Null(await calculator.RecallAsync());
        Assert.Equal("e123456", await calculator.KeywordsAsync("e", 1, 23, 4, 5, 6));
    }

    [Fact]
    public async Task Default_values_are_the_contracts()
    {
        ICalculator calculator = await ServeAndConnectAsync(new Calculator());

        Assert.Equal("l-r-2-Friday", await calculator.JoinAsync(Cancel));
        Assert.Equal("null-x-0-Monday", await calculator.JoinAsync(Cancel, null, "x", 0, DayOfWeek.Monday));
    }

    [Fact]
    public async Task Records_arrive_as_they_were_sent()
    {
        ICalculator calculator = await ServeAndConnectAsync(new Calculator());
        var order = new Order("Ada", [new("nut", 3, 0.25m), new("bolt", -1, null)], DateTimeOffset.UnixEpoch.AddTicks(1), (4, "five"));

        Order echoed = await calculator.EchoAsync(order, Cancel);

        Assert.Equivalent(order, echoed, strict: true);
        Assert.Equal(order.Range, echoed.Range);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(5_000_000)]
    public async Task Bodies_of_any_size_arrive_complete(int size)
    {
        ICalculator calculator = await ServeAndConnectAsync(new Calculator());
        byte[] bytes = new byte[size];
        Random.Shared.NextBytes(bytes);

        Assert.Equal(bytes, await calculator.EchoBytesAsync(bytes, Cancel));
    }

    [Fact]
    public async Task Two_servers_answer_ten_thousand_calls_of_64_callers_correctly()
    {
        var services = new[] { new Calculator(), new Calculator() };
        foreach (Calculator service in services)
        {
            await (await ConnectAsync()).ServeAsync<ICalculator>(service, ServerOptions, Cancel);
        }

        ICalculator[] clients = [(await ConnectAsync()).CreateClient<ICalculator>(ClientOptions), (await ConnectAsync()).CreateClient<ICalculator>(ClientOptions)];
        int next = 0;
        var wrong = new ConcurrentBag<string>();
        await Task.WhenAll(Enumerable.Range(0, 64).Select(caller => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) <= 10_000;)
            {
                int sum = await clients[caller % 2].AddAsync(i, caller, Cancel);
                if (sum != i + caller)
                {
                    wrong.Add($"{i} + {caller} gave {sum}");
                }
            }
        }, Cancel))).OrFail();

        Assert.Empty(wrong);
        Assert.Equal(10_000, services.Sum(service => service.Calls));
        Assert.All(services, service => Assert.InRange(service.Calls, 100, 9_900));
        await UntilQueueIsEmptyAsync();
    }

    private async Task<ICalculator> ServeAndConnectAsync(Calculator service)
    {
        await (await ConnectAsync()).ServeAsync<ICalculator>(service, ServerOptions, Cancel);
        return (await ConnectAsync()).CreateClient<ICalculator>(ClientOptions);
    }
}

public sealed class CallTestsInMemory(MemoryBroker broker) : CallTests(broker), IClassFixture<MemoryBroker>;

public sealed class CallTestsOnRabbitMq(SharedRabbit broker) : CallTests(broker);
