using System.Globalization;
using System.Text.Json;
using RpcGen.Generated;
using RpcGen.Protocol;
using RpcGen.Runtime;

namespace RpcGen.Server.Introspection;

/// <summary>
/// Answers <c>$ping</c>, <c>$describe</c> and <c>$stats</c>, and the start of <c>$watch</c>. Everyone who can send requests can ask. No code of the service runs for it.
/// </summary>
internal sealed class ServiceDescriber
{
    private readonly RpcContract _contract;
    private readonly string _queue;
    private readonly bool _isGuarded;
    private readonly RpcInstance _instance;
    private readonly Lazy<DescriptionDocument> _document;
    private readonly Action<Utf8JsonWriter> _writeStatistics;

    /// <param name="contract">The contract.</param>
    /// <param name="queue">The queue that is served.</param>
    /// <param name="methods">The contract's methods.</param>
    /// <param name="environment">Time and randomness.</param>
    /// <param name="writeStatistics">Writes the members of the statistics.</param>
    /// <param name="isGuarded">Whether a policy decides who gets the description. A ping then tells nothing of the contract.</param>
    public ServiceDescriber(RpcContract contract, string queue, IReadOnlyCollection<RpcMethod> methods, RpcEnvironment environment, Action<Utf8JsonWriter> writeStatistics, bool isGuarded = false)
    {
        _contract = contract;
        _queue = queue;
        _isGuarded = isGuarded;
        _writeStatistics = writeStatistics;
        _instance = new RpcInstance
        {
            Id = environment.Random.NextBits().ToString("x16", CultureInfo.InvariantCulture),
            ProcessName = AppDomain.CurrentDomain.FriendlyName,
            ProcessId = Environment.ProcessId,
            HostName = Environment.MachineName,
            StartedAt = environment.Time.GetUtcNow(),
            Software = Software,
        };
        _document = new Lazy<DescriptionDocument>(() => new DescriptionDocument(contract, queue, methods));
    }

    /// <summary>The id of this instance.</summary>
    public string InstanceId => _instance.Id;

    private static string Software { get; } = $"RpcGen/{typeof(ServiceDescriber).Assembly.GetName().Version?.ToString(3)}";

    /// <summary>Writes the answer to a question.</summary>
    public void Answer(MessageKind question, PooledBuffer reply)
    {
        Utf8JsonWriter writer = JsonWriters.Rent(reply);
        switch (question)
        {
            case MessageKind.Ping or MessageKind.Watch:
                JsonSerializer.Serialize(writer, Identify(), IntrospectionJsonContext.Default.RpcServiceInstance);
                break;
            case MessageKind.Stats:
                WriteStatistics(writer);
                break;
            default:
                _document.Value.Write(writer, WriteInstance);
                break;
        }

        writer.Flush();
        JsonWriters.Return(writer);
    }

    private RpcServiceInstance Identify() => new()
    {
        Queue = _queue,
        Contract = _isGuarded ? "" : _contract.Name,
        Version = _isGuarded ? null : _contract.Version,
        Digest = _isGuarded ? "" : _document.Value.Digest,
        Instance = _instance,
    };

    private void WriteInstance(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("instance");
        JsonSerializer.Serialize(writer, _instance, IntrospectionJsonContext.Default.RpcInstance);
    }

    /// <summary>Who can have the statistics can have the contract too, so it is named even if pings do not.</summary>
    private void WriteStatistics(Utf8JsonWriter writer)
    {
        writer.WriteStartObject();
        writer.WriteString("queue", _queue);
        writer.WriteString("contract", _contract.Name);
        writer.WriteString("version", _contract.Version);
        writer.WriteString("digest", _document.Value.Digest);
        WriteInstance(writer);
        _writeStatistics(writer);
        writer.WriteEndObject();
    }
}
