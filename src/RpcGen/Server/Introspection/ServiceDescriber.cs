using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;

namespace RpcGen.Server.Introspection;

/// <summary>
/// Answers <c>$ping</c> and <c>$describe</c>. Everyone who can send requests can ask. No code of the service runs for it.
/// </summary>
internal sealed class ServiceDescriber
{
    private readonly RpcContract _contract;
    private readonly string _queue;
    private readonly RpcInstance _instance;
    private readonly Lazy<RpcMethodDescription[]> _methods;
    private readonly Func<RpcServerCounters> _readCounters;

    public ServiceDescriber(RpcContract contract, string queue, IReadOnlyCollection<RpcMethod> methods, RpcEnvironment environment, Func<RpcServerCounters> readCounters)
    {
        _contract = contract;
        _queue = queue;
        _readCounters = readCounters;
        _instance = new RpcInstance
        {
            Id = environment.Random.NextBits().ToString("x16", CultureInfo.InvariantCulture),
            ProcessName = AppDomain.CurrentDomain.FriendlyName,
            ProcessId = Environment.ProcessId,
            HostName = Environment.MachineName,
            StartedAt = environment.Time.GetUtcNow(),
            Software = Software,
        };
        _methods = new Lazy<RpcMethodDescription[]>(() => [.. methods.Select(Describe)]);
    }

    private static string Software { get; } = $"RpcGen/{typeof(ServiceDescriber).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>Writes the answer to a <see cref="MessageKind.Ping"/> or <see cref="MessageKind.Describe"/>.</summary>
    public void Answer(MessageKind question, PooledBuffer reply)
    {
        if (question == MessageKind.Ping)
        {
            Write(reply, _instance, IntrospectionJsonContext.Default.RpcInstance);
        }
        else
        {
            Write(reply, Describe(), IntrospectionJsonContext.Default.RpcServiceDescription);
        }
    }

    private static void Write<T>(PooledBuffer reply, T value, JsonTypeInfo<T> type)
    {
        Utf8JsonWriter writer = JsonWriters.Rent(reply);
        JsonSerializer.Serialize(writer, value, type);
        writer.Flush();
        JsonWriters.Return(writer);
    }

    private RpcServiceDescription Describe() => new()
    {
        ProtocolVersion = WireNames.ProtocolVersion,
        Contract = _contract.Name,
        Version = _contract.Version,
        Queue = _queue,
        Instance = _instance,
        Methods = _methods.Value,
        Counters = _readCounters(),
    };

    private static RpcMethodDescription Describe(RpcMethod method) => new()
    {
        Name = method.Name,
        Timeout = method.Timeout == Timeout.InfiniteTimeSpan ? null : method.Timeout,
        IsOneWay = method.IsOneWay,
        IsBroadcast = method.IsBroadcast,
        IsIdempotent = method.IsIdempotent,
        IsAtMostOnce = method.IsAtMostOnce,
        IsDurable = method.IsDurable,
        Priority = method.Priority,
        Policies = method.Policies,
        Faults = [.. method.Faults.Select(fault => fault.Code)],
        ArgumentsSchema = JsonSchemas.OfArguments(method.Parameters),
        ResultSchema = method.ResultTypeInfo is { } result ? JsonSchemas.Of(result) : null,
        ItemSchema = method.ItemTypeInfo is { } item ? JsonSchemas.Of(item) : null,
    };
}
