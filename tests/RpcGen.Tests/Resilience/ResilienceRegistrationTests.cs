using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Timeout;
using RpcGen.Hosting;
using RpcGen.Testing;
using RpcGen.Tests.Support;

namespace RpcGen.Tests.Resilience;

/// <summary>Pipelines in an application, and the code of docs/resilience.md.</summary>
public sealed class ResilienceRegistrationTests : IAsyncDisposable
{
    private readonly RpcTestBroker _broker = new();
    private IHost? _host;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
        {
            await _host.StopAsync(Cancel);
            _host.Dispose();
        }

        await _broker.DisposeAsync();
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_standard_pipeline_repeats_what_did_not_run()
    {
        var flaky = new Flaky(failures: 3);
        IPayments payments = await StartAsync(builder =>
        {
            ResilienceExamples.AddStandard(builder);
            builder.Services.AddRpcGen().AddClient<IPayments>().AddInterceptor(_ => flaky);
        });

        await payments.PayAsync("a", 1, Cancel);

        Assert.Equal(4, flaky.Attempts);
        Assert.Equal(99, await payments.BalanceAsync("a", Cancel));
        Assert.Equal(["Pay", "Balance"], _broker.Calls.Select(call => call.Method));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task A_pipeline_sees_each_failure_and_the_method()
    {
        var seen = new List<string>();
        IPayments payments = await StartAsync(builder => builder.Services.AddRpcGen("amqp://localhost").AddClient<IPayments>().AddResilience("once", (pipeline, _) => pipeline.AddRetry(new()
        {
            ShouldHandle = args => new(args.Outcome.Exception is RpcException e && RpcGenResilienceExtensions.CanRetry(e, args.Context.GetRpcMethod())),
            MaxRetryAttempts = 2,
            Delay = TimeSpan.Zero,
            OnRetry = args =>
            {
                seen.Add($"{args.Context.GetRpcMethod().Name} {args.Context.OperationKey} {args.AttemptNumber}");
                return default;
            },
        })));

        using (_broker.Fail<IPayments>("BalanceAsync", new RpcTimeoutException("Late.")))
        using (_broker.Fail<IPayments>("PayAsync", new RpcTimeoutException("Late.")))
        {
            await Assert.ThrowsAsync<RpcTimeoutException>(() => payments.BalanceAsync("a", Cancel));
            await Assert.ThrowsAsync<RpcTimeoutException>(() => payments.PayAsync("a", 1, Cancel));
        }

        Assert.Equal(["Balance Balance 0", "Balance Balance 1"], seen);
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task The_timeout_of_a_pipeline_is_an_exception_of_RpcGen()
    {
        var time = new ManualTime();
        await using var slow = new RpcTestBroker(time);
        IPayments payments = await StartAsync(builder =>
        {
            builder.Services.AddSingleton<TimeProvider>(time);
            builder.Services.AddRpcGen("amqp://localhost").AddClient<IPayments>().AddResilience("quick", (pipeline, _) => pipeline.AddTimeout(TimeSpan.FromSeconds(5)));
        }, slow);
        using IDisposable delay = slow.Delay<IPayments>("BalanceAsync", TimeSpan.FromSeconds(20));

        Task<decimal> call = payments.BalanceAsync("a", Cancel);
        while (await time.NextTimerAsync() != TimeSpan.FromSeconds(20))
        {
            // The service runs once its delay has begun.
        }

        time.Advance(TimeSpan.FromSeconds(5));
        RpcTimeoutException late = await Assert.ThrowsAsync<RpcTimeoutException>(() => call);
        Assert.IsType<TimeoutRejectedException>(late.InnerException);
        Assert.Equal(("Balance", RpcExecution.Unknown), (late.Method, late.Execution));
    }

    [Theory(Timeout = Bounds.TestTimeout)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_examples_call_and_pay(bool own)
    {
        IPayments payments = await StartAsync(own ? ResilienceExamples.AddOwn : ResilienceExamples.AddOptions);

        await payments.PayAsync("a", 40, Cancel);
        Assert.Equal(60, await payments.BalanceAsync("a", Cancel));
    }

    [Fact]
    public void Further_calls_add_up_and_names_are_unique()
    {
        var services = new ServiceCollection();
        RpcClientBuilder client = services.AddRpcGen("memory://x").AddClient<IPayments>();
        RpcClientBuilder keyed = services.AddKeyedRpcGen("far", "memory://y").AddClient<IPayments>();
        Assert.Same(client, client.AddStandardResilience(options => options.MaxRetryAttempts = 1));
        client.AddStandardResilience(options => options.MaxPendingCalls = 7);
        keyed.AddStandardResilience();
        client.AddResilience("mine", (pipeline, _) => pipeline.AddTimeout(TimeSpan.FromSeconds(1)));
        keyed.AddResilience("mine", (pipeline, _) => pipeline.AddTimeout(TimeSpan.FromSeconds(1)));
        Assert.Contains("has a pipeline 'mine' already", Assert.Throws<InvalidOperationException>(() => client.AddResilience("mine", (_, _) => { })).Message, StringComparison.Ordinal);

        using ServiceProvider provider = services.BuildServiceProvider();
        IOptionsMonitor<RpcStandardResilienceOptions> options = provider.GetRequiredService<IOptionsMonitor<RpcStandardResilienceOptions>>();
        Assert.Equal((1, 7), (options.Get("RpcGen.Tests.Resilience.IPayments").MaxRetryAttempts, options.Get("RpcGen.Tests.Resilience.IPayments").MaxPendingCalls));
        Assert.Equal((3, 1000), (options.Get("far:RpcGen.Tests.Resilience.IPayments").MaxRetryAttempts, options.Get("far:RpcGen.Tests.Resilience.IPayments").MaxPendingCalls));
    }

    [Fact(Timeout = Bounds.TestTimeout)]
    public async Task Invalid_options_fail_the_start()
    {
        OptionsValidationException invalid = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(builder => builder.Services.AddRpcGen("amqp://localhost").AddClient<IPayments>().AddStandardResilience(options =>
        {
            options.MaxRetryAttempts = -1;
            options.Delay = TimeSpan.FromDays(2);
            options.AttemptTimeout = TimeSpan.Zero;
            options.MaxPendingCalls = 0;
            options.FailureRatio = 0;
        })));

        string[] settings = ["MaxRetryAttempts", "Delay", "AttemptTimeout", "MaxPendingCalls", "FailureRatio"];
        Assert.Equal(settings.Length, invalid.Failures.Count());
        Assert.All(settings.Zip(invalid.Failures), pair => Assert.Contains($"IPayments: {pair.First} must be", pair.Second, StringComparison.Ordinal));
    }

    [Fact]
    public void Other_pipelines_have_no_method() => Assert.Contains(
        "AddResilience",
        Assert.Throws<InvalidOperationException>(() => ResilienceContextPool.Shared.Get(Cancel).GetRpcMethod()).Message,
        StringComparison.Ordinal);

    private async Task<IPayments> StartAsync(Action<HostApplicationBuilder> add, RpcTestBroker? broker = null)
    {
        HostApplicationBuilder builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        add(builder);
        builder.Services.AddRpcGen().AddService<IPayments>(new Payments());
        builder.Services.UseRpcTestBroker(broker ?? _broker);
        builder.Services.PostConfigureAll<RpcStandardResilienceOptions>(options => options.Delay = options.Delay < TimeSpan.FromDays(1) ? TimeSpan.Zero : options.Delay);
        _host = builder.Build();
        await _host.StartAsync(Cancel);
        return _host.Services.GetRequiredService<IPayments>();
    }

    /// <summary>Fails the first attempts.</summary>
    private sealed class Flaky(int failures) : IRpcClientInterceptor
    {
        public int Attempts { get; private set; }

        public ValueTask<TResult> InterceptAsync<TArguments, TResult>(RpcClientCall<TArguments> call, RpcClientNext<TArguments, TResult> next)
            where TArguments : struct => ++Attempts <= failures
            ? ValueTask.FromException<TResult>(new RpcUnavailableException("Nobody.", call.Queue))
            : next(call);
    }
}
