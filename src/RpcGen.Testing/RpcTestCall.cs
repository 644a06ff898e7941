using System.Security.Claims;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Serialization;

namespace RpcGen.Testing;

/// <summary>What a handler sees of its call when a unit test calls it directly: who calls, with which metadata and time limit.</summary>
/// <example><code>
/// using (new RpcTestCall { BrokerUser = "billing" }.Enter())
/// {
///     await orders.PlaceAsync(order);
/// }
/// </code></example>
public sealed class RpcTestCall
{
    /// <summary>What <see cref="RpcCallContext.BrokerUser"/> returns. Default: null.</summary>
    public string? BrokerUser { get; init; }

    /// <summary>What <see cref="RpcCallContext.User"/> returns. Default: a caller that is not authenticated.</summary>
    public ClaimsPrincipal? User { get; init; }

    /// <summary>What <see cref="RpcCallContext.Metadata"/> returns. Default: none.</summary>
    public RpcMetadata? Metadata { get; init; }

    /// <summary>The caller's time limit, from <see cref="Enter"/> on. Default: none.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>
    /// Makes it <see cref="RpcCallContext.Current"/> of the current asynchronous flow, until the returned object is disposed. Then the
    /// call is over, and its token has fired.
    /// </summary>
    public IDisposable Enter()
    {
        RpcCallContext? outer = RpcCallContext.Current;
        TimeProvider time = TimeProvider.System;
        long deadline = Timeout is { } timeout ? time.GetTimestamp() + (long)(timeout.TotalSeconds * time.TimestampFrequency) : long.MaxValue;
        var details = new RpcCallDetails { BrokerUser = BrokerUser, Headers = Metadata?.ToHeaders() is { } headers ? new Dictionary<string, object?>(headers) : null };
        var context = new RpcCallContext(TestedMethod.Instance, "test", callNumber: 0, isRedelivered: false, time, deadline, details);
        if (User is not null)
        {
            context.User = User;
        }

        RpcCallContext.Current = context;
        return new Undo(() =>
        {
            context.Cancel();
            context.End();
            RpcCallContext.Current = outer;
        });
    }

    /// <summary>Stands for the method that a test calls.</summary>
    private sealed class TestedMethod() : RpcMethod(RpcJsonFactory.Create([], new RpcContract("test")), "Test")
    {
        public static TestedMethod Instance { get; } = new();

        public override JsonTypeInfo? ResultTypeInfo => null;

        internal override InvalidOperationException? ResultProblem => null;
    }
}
