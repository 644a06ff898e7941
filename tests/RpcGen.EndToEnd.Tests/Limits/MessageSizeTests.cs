using System.Collections.Concurrent;
using RpcGen.EndToEnd.Tests.Contracts;
using RpcGen.EndToEnd.Tests.Failures;
using RpcGen.EndToEnd.Tests.Harness;

namespace RpcGen.EndToEnd.Tests.Limits;

/// <summary>Requests and replies above the broker's <c>max_message_size</c>.</summary>
public sealed class MessageSizeTests(SmallMessageRabbit broker) : FailureTest(broker), IClassFixture<SmallMessageRabbit>
{
    private static readonly string TooLarge = new('x', SmallMessageRabbit.MaxMessageSize * 3 / 2);

    private readonly ConcurrentDictionary<string, int> _runs = new();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_request_above_the_limit_ends_and_is_the_only_one_that_does(bool isIdempotent)
    {
        await ServeAsync(ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("warm", await client.DoAsync("warm", Cancel));

        Task<string> large = isIdempotent ? client.DoIdempotentlyAsync(TooLarge, Cancel) : client.DoAsync(TooLarge, Cancel);
        RpcProtocolException refused = await Assert.ThrowsAsync<RpcProtocolException>(() => large.OrFail());

        Assert.Equal(RpcExecution.NotStarted, refused.Execution);
        Assert.Contains($"more than the broker's limit of {SmallMessageRabbit.MaxMessageSize} (max_message_size)", refused.Message, StringComparison.Ordinal);
        Assert.Equal("after", await client.DoAsync("after", Cancel).OrFail());
        await Assert.ThrowsAsync<RpcProtocolException>(() => client.DoAsync(TooLarge, Cancel).OrFail());
        Assert.Equal("after", await client.DoAsync("after", Cancel).OrFail());
        AssertClosedOnce("call channel");
        Assert.DoesNotContain(TooLarge, _runs.Keys);
    }

    [Fact]
    public async Task Calls_beside_requests_above_the_limit_have_their_results()
    {
        await ServeAsync(ActAsync);
        ITroublemaker client = await CreateClientAsync();
        Assert.Equal("warm", await client.DoAsync("warm", Cancel));

        Task<string>[] good = [.. Enumerable.Range(0, 50).Select(n => client.DoIdempotentlyAsync($"good {n}", Cancel))];
        Task<string>[] large = [.. Enumerable.Range(0, 6).Select(_ => client.DoIdempotentlyAsync(TooLarge, Cancel))];

        Assert.Equal(Enumerable.Range(0, 50).Select(n => $"good {n}"), await Task.WhenAll(good).OrFail());
        foreach (Task<string> call in large)
        {
            await Assert.ThrowsAsync<RpcProtocolException>(() => call.OrFail());
        }

        AssertClosedOnce("call channel");
    }

    [Theory]
    [InlineData("do")]
    [InlineData("idempotent")]
    [InlineData("once")]
    public async Task A_reply_above_the_limit_ends_its_call_and_nothing_runs_again_and_again(string kind)
    {
        await ServeAsync(ActAsync);
        ITroublemaker client = await CreateClientAsync();
        int told = 0;
        Task<string>[] large = [.. Enumerable.Range(0, 6).Select(n => Call(client, kind, $"large {n}"))];

        foreach (Task<string> call in large)
        {
            RpcException refused = await Assert.ThrowsAnyAsync<RpcException>(() => call.OrFail());
            if (kind == "once" && refused is RpcConnectionException or RpcTimeoutException { Execution: RpcExecution.Unknown })
            {
                continue; // its request was on the channel that the first reply closed: it was delivered again, or it was acknowledged already
            }

            Assert.Contains("max_message_size", Assert.IsType<RpcProtocolException>(refused).Message, StringComparison.Ordinal);
            Assert.Equal(RpcExecution.Started, refused.Execution);
            told++;
        }

        Assert.True(told > 0);

        Assert.Equal("after", await client.DoAsync("after", Cancel).OrFail());
        AssertClosedOnce("serves");
        Assert.All(_runs, run => Assert.InRange(run.Value, 1, 2));
        await UntilQueueIsEmptyAsync();
    }

    /// <summary>The broker closed a channel because of a message's size, and did so once.</summary>
    private void AssertClosedOnce(string channel) => Assert.True(
        Log.Lines.Count(line => line.Contains(channel, StringComparison.Ordinal) && line.Contains("larger than", StringComparison.Ordinal)) == 1,
        string.Join('\n', Log.Lines.Where(line => line.StartsWith("[1] ", StringComparison.Ordinal) || line.StartsWith("[2] ", StringComparison.Ordinal) || line.StartsWith("[3] ", StringComparison.Ordinal))));

    private static Task<string> Call(ITroublemaker client, string kind, string text) => kind switch
    {
        "once" => client.DoOnceAsync(text, Cancel),
        "idempotent" => client.DoIdempotentlyAsync(text, Cancel),
        _ => client.DoAsync(text, Cancel),
    };

    private Task<string> ActAsync(string text, CancellationToken cancellationToken)
    {
        _runs.AddOrUpdate(text, 1, (_, runs) => runs + 1);
        return Task.FromResult(text.StartsWith("large", StringComparison.Ordinal) ? TooLarge : text);
    }
}
