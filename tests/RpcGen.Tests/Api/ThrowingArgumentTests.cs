using System.ComponentModel.DataAnnotations;

namespace RpcGen.Tests.Api;

#pragma warning disable RPCGEN023

/// <summary>An argument whose getter throws.</summary>
public sealed class Throwing
{
    public int Number
    {
        get => throw new KeyNotFoundException("It has no number.");
        set => _ = value;
    }
}

/// <summary>An argument whose validated getter throws.</summary>
public sealed class ThrowingChecked
{
    [Range(1, 9)]
    public int Number
    {
        get => throw new TimeoutException("It took too long.");
        set => _ = value;
    }
}

[AmqpRpc]
public partial interface ITakesThrowing
{
    Task CallAsync(Throwing argument);

    [RpcOneWay]
    Task SendAsync(Throwing argument);

    Task CheckAsync(ThrowingChecked argument);
}

/// <summary>What the application's own code throws while arguments are checked and written does not leave the client as it is.</summary>
public sealed class ThrowingArgumentTests
{
    [Fact]
    public async Task Callers_get_exceptions_of_RpcGen_only()
    {
        await using RpcConnection connection = await RpcConnection.ConnectAsync("memory://" + Guid.NewGuid(), TestContext.Current.CancellationToken);
        ITakesThrowing client = connection.CreateClient<ITakesThrowing>();
        RpcProtocolException called = await Assert.ThrowsAsync<RpcProtocolException>(() => client.CallAsync(new Throwing()));
        Assert.Contains("cannot be written as JSON: It has no number.", called.Message, StringComparison.Ordinal);
        Assert.IsType<KeyNotFoundException>(called.InnerException);
        Assert.Equal(RpcExecution.NotStarted, called.Execution);

        RpcProtocolException sent = await Assert.ThrowsAsync<RpcProtocolException>(() => client.SendAsync(new Throwing()));
        Assert.IsType<KeyNotFoundException>(sent.InnerException);

        RpcProtocolException checkedFirst = await Assert.ThrowsAsync<RpcProtocolException>(() => client.CheckAsync(new ThrowingChecked()));
        Assert.Contains("cannot be checked: It took too long.", checkedFirst.Message, StringComparison.Ordinal);
    }
}
