using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Failures;

/// <summary>The service throws.</summary>
public abstract class FaultTests(ITestBroker broker) : FailureTest(broker)
{
    private static readonly DateTimeOffset RetryAt = new(2030, 1, 2, 3, 4, 5, TimeSpan.FromHours(6));

    [Fact]
    public async Task A_declared_exception_arrives_with_its_type_and_members()
    {
        await ServeAsync((_, _) => throw new QuotaExceededException("Too much.", 42, ["ada", "bob"]) { RetryAt = RetryAt });
        ITroublemaker client = await CreateClientAsync();

        var fault = await Assert.ThrowsAsync<QuotaExceededException>(() => client.DoWithQuotaAsync("x", Cancel).OrFail());

        Assert.Equal(("Too much.", 42, RetryAt), (fault.Message, fault.Limit, fault.RetryAt));
        Assert.Equal(["ada", "bob"], fault.Users);
    }

    [Fact]
    public async Task The_most_derived_declaration_wins()
    {
        await ServeAsync((_, _) => throw new HardQuotaExceededException("Far too much.", 1, []));
        ITroublemaker client = await CreateClientAsync();

        var fault = await Assert.ThrowsAsync<HardQuotaExceededException>(() => client.DoWithQuotaAsync("x", Cancel).OrFail());

        Assert.Equal("Far too much.", fault.Message);
        Assert.Null(fault.RetryAt);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_undeclared_exception_does_not_disclose_details(bool beforeTheFirstAwait)
    {
        await ServeAsync(async (_, _) =>
        {
            if (!beforeTheFirstAwait)
            {
                await Task.Yield();
            }

            throw new InvalidOperationException("the password is 1234");
        });
        ITroublemaker client = await CreateClientAsync();

        var fault = await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("x", Cancel).OrFail());

        Assert.Equal("internal", fault.Code);
        Assert.DoesNotContain("1234", fault.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("InvalidOperation", fault.ToString(), StringComparison.Ordinal);
        Assert.NotNull(fault.CallId);
        Assert.Contains(Log.Lines, line => line.Contains(fault.CallId, StringComparison.Ordinal) && line.Contains("the password is 1234", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_exception_before_the_first_await_is_a_fault()
    {
        await ServeAsync((_, _) => throw new InvalidOperationException("synchronous"));
        ITroublemaker client = await CreateClientAsync();

        Assert.Equal("internal", (await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("x", Cancel).OrFail())).Code);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task Details_are_sent_with_EnableDetailedErrors()
    {
        await ServeAsync((_, _) => throw new InvalidOperationException("a detail"), new RpcServerOptions(ServerOptions) { EnableDetailedErrors = true });
        ITroublemaker client = await CreateClientAsync();

        var fault = await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("x", Cancel).OrFail());

        Assert.Equal("a detail", fault.Message);
        Assert.Contains("System.InvalidOperationException: a detail", fault.RemoteDetails, StringComparison.Ordinal);
        Assert.Contains(nameof(Details_are_sent_with_EnableDetailedErrors), fault.RemoteDetails, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_cancellation_by_the_handler_is_a_fault()
    {
        await ServeAsync((_, _) => throw new OperationCanceledException("mine"));
        ITroublemaker client = await CreateClientAsync();

        Assert.Equal("cancelled", (await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("x", Cancel).OrFail())).Code);
        Assert.Contains(Log.Lines, line => line.StartsWith("[56] Do of queue", StringComparison.Ordinal) && line.EndsWith("OperationCanceledException: mine", StringComparison.Ordinal));
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task A_validation_exception_thrown_by_the_handler_is_its_own_failure()
    {
        await ServeAsync((_, _) => throw new RpcValidationException(new Dictionary<string, string[]> { ["inner"] = ["secret"] }));
        ITroublemaker client = await CreateClientAsync();

        Assert.Equal("internal", (await Assert.ThrowsAsync<RpcRemoteException>(() => client.DoAsync("x", Cancel).OrFail())).Code);
    }

    [Fact]
    public async Task A_result_that_cannot_be_written_is_a_fault()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();

        var fault = await Assert.ThrowsAsync<RpcRemoteException>(() => client.GetAwkwardAsync("unwritable", Cancel).OrFail());

        Assert.Equal("internal", fault.Code);
        Assert.Contains("result", fault.Message, StringComparison.Ordinal);
        Assert.Equal("fine", (await client.GetAwkwardAsync("fine", Cancel).OrFail()).Text);
        await UntilQueueIsEmptyAsync();
    }

    [Fact]
    public async Task An_unreadable_result_fails_only_its_call()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();

        Task<Awkward> unreadable = client.GetAwkwardAsync("unreadable", Cancel);
        Task<Awkward> fine = client.GetAwkwardAsync("fine", Cancel);

        await Assert.ThrowsAsync<RpcProtocolException>(() => unreadable.OrFail());
        Assert.Equal("fine", (await fine.OrFail()).Text);
    }

    [Fact]
    public async Task A_request_that_is_too_large_is_not_sent()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();

        var refused = await Assert.ThrowsAsync<RpcProtocolException>(() => client.CountBytesAsync(new byte[12 * 1024 * 1024], Cancel).OrFail());

        Assert.Contains("MaxMessageBytes", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, await client.CountBytesAsync(new byte[3], Cancel).OrFail());
    }

    [Fact]
    public async Task A_result_that_is_too_large_is_a_fault()
    {
        await ServeAsync((text, _) => Task.FromResult(text));
        ITroublemaker client = await CreateClientAsync();

        var refused = await Assert.ThrowsAsync<RpcProtocolException>(() => client.GetBytesAsync(12 * 1024 * 1024, Cancel).OrFail());

        Assert.Contains("limit", refused.Message, StringComparison.Ordinal);
        Assert.Equal(3, (await client.GetBytesAsync(3, Cancel).OrFail()).Length);
    }
}

public sealed class FaultTestsInMemory(MemoryBroker broker) : FaultTests(broker), IClassFixture<MemoryBroker>;

public sealed class FaultTestsOnRabbitMq(SharedRabbit broker) : FaultTests(broker);
