using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Client.Finding;

/// <summary>What every instance is asked, and how its answer is read.</summary>
/// <typeparam name="T">An answer.</typeparam>
internal sealed class InstanceQuestion<T>
    where T : class
{
    /// <summary>The question as a method, for messages. Its name is the question's <c>type</c>.</summary>
    public required RpcMethod Method { get; init; }

    /// <summary>A larger answer is ignored.</summary>
    public required int MaxBytes { get; init; }

    /// <summary>More answers at a time are dropped.</summary>
    public required int MaxWaiting { get; init; }

    /// <summary>Reads an answer; null or a <see cref="JsonException"/> if it is none.</summary>
    public required Func<ReadOnlyMemory<byte>, T?> Read { get; init; }

    /// <summary>The instance that an answer comes from.</summary>
    public required Func<T, RpcServiceInstance> InstanceOf { get; init; }
}

/// <summary>The questions.</summary>
internal static class InstanceQuestion
{
    private static readonly RpcJson Json = new(IntrospectionJsonContext.Default.Options, contract: "");

    /// <summary>What it serves.</summary>
    public static InstanceQuestion<RpcServiceInstance> Ping { get; } = new()
    {
        Method = new Question<RpcServiceInstance>(Json, WireNames.Ping),
        MaxBytes = 16 << 10,
        MaxWaiting = 10_000,
        Read = static body => JsonSerializer.Deserialize(body.Span, IntrospectionJsonContext.Default.RpcServiceInstance),
        InstanceOf = static instance => instance,
    };

    /// <summary>What it has done.</summary>
    public static InstanceQuestion<RpcServiceStatistics> Stats { get; } = new()
    {
        Method = new Question<RpcServiceStatistics>(Json, WireNames.Stats),
        MaxBytes = 1 << 20,
        MaxWaiting = 1_000,
        Read = StatisticsReader.Read,
        InstanceOf = static statistics => statistics.Service,
    };
    /// <summary>Tell of calls as they end. Who watches is told first who does.</summary>
    public static InstanceQuestion<RpcServiceInstance> Watch { get; } = new()
    {
        Method = new Question<RpcServiceInstance>(Json, WireNames.Watch),
        MaxBytes = Ping.MaxBytes,
        MaxWaiting = Ping.MaxWaiting,
        Read = Ping.Read,
        InstanceOf = Ping.InstanceOf,
    };
}
