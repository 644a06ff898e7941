using System.Text;
using System.Text.Json;
using RpcGen.Diagnostics;
using RpcGen.Protocol;
using RpcGen.Serialization;
using RpcGen.Transport;
using RpcGen.Transport.RabbitMq.Connecting;

namespace RpcGen.Fuzzing;

/// <summary>The decoders of what peers, brokers and users write.</summary>
internal static class Decoders
{
    /// <summary>The largest input. Larger ones show nothing new, and take longer.</summary>
    public const int MaxBytes = 4096;

    /// <summary>All of them.</summary>
    public static readonly IReadOnlyList<Decoder> All =
    [
        new("batch-of-requests", ReadRequests, static e => e is JsonException),
        new("batch-of-replies", ReadReplies, static e => e is JsonException),
        new("fault", ReadFault, Never),
        new("again", static input => AgainMessages.MayHaveRun(input), Never),
        new("description", static input => DescriptionReader.Read(input), static e => e is JsonException),
        new("statistics", static input => StatisticsReader.Read(input), static e => e is JsonException),
        new("instance", static input => JsonSerializer.Deserialize(input, IntrospectionJsonContext.Default.RpcServiceInstance), static e => e is JsonException),
        new("stream-open", static input => StreamBodies.ReadEvery(input), static e => e is JsonException),
        new("stream-grant", static input => StreamBodies.ReadGrant(input), static e => e is JsonException),
        new("stream-beat", static input => StreamBodies.ReadBeat(input, static _ => { }), static e => e is JsonException),
        new("content-type", ReadContentType, Never),
        new("baggage", static input => W3CBaggage.Read(Encoding.UTF8.GetString(input)), Never),
        new("frames", FrameDecoder.Decode, static e => e is InvalidDataException),
        new("address", static input => BrokerAddressParser.Parse(Encoding.UTF8.GetString(input)), static e => e is ArgumentException),
    ];

    /// <summary>The decoder of a name; null if it is unknown.</summary>
    public static Decoder? Find(string name) => All.FirstOrDefault(decoder => decoder.Name == name);

    private static bool Never(Exception exception) => false;

    private static void ReadRequests(byte[] input)
    {
        var reader = new BatchReader(input);
        while (reader.NextEntry())
        {
            reader.ReadText(Contract.Names);
            reader.ReadNumber();
            _ = reader.HasElement ? reader.ReadText() : null;
            _ = reader.HasElement ? reader.ReadHeaders() : null;
            reader.EndEntry();
            _ = input[reader.Body];
        }
    }

    private static void ReadReplies(byte[] input)
    {
        var reader = new BatchReader(input);
        while (reader.NextEntry())
        {
            _ = reader.HasElement ? reader.ReadText() : null;
            _ = reader.HasElement ? reader.ReadNumber() : 0;
            reader.EndEntry();
            _ = input[reader.Body];
        }
    }

    private static void ReadFault(byte[] input)
    {
        FaultReader.ReadCode(input);
        Exception failure = FaultReader.Read(input, Contract.Method, "queue", "id", hasEarlierAttempts: false, out _);
        _ = failure.Message;
    }

    /// <summary>Content types say what a body is, and carry parameters of batches and streams.</summary>
    private static void ReadContentType(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        ContentTypes.IsReadable(text, contentEncoding: null);
        ContentTypes.IsReadableBatch(text, contentEncoding: null);
        ContentTypes.IsReadableBytes(text, contentEncoding: null);
        BatchHints.Read(text);
        ConfirmHints.IsIn(text);
        AgainMessages.IsSentAgain(text);
        StreamOffer.TryRead(text, out _);
        new CorrelationId(text).Normalize();
    }

    /// <summary>Created when a decoder first needs it: instrumented code cannot run before the fuzzer has begun.</summary>
    private static class Contract
    {
        public static readonly KnownNames Names = new(["Add", "Get"]);

        public static readonly FuzzedMethod Method = new();
    }
}
