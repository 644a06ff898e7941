using System.Text.Json;

namespace RpcGen.Schemas;

/// <summary>A parameter whose value is not in the request's body.</summary>
/// <param name="Name">The name.</param>
/// <param name="Items">The schema of one item or value; undefined for bytes.</param>
/// <param name="IsBytes">Whether it is a stream of bytes.</param>
internal sealed record StreamParameter(string Name, JsonElement Items, bool IsBytes);

/// <summary>The streams and the progress of a method, as its description says.</summary>
internal sealed class MethodStreams
{
    private readonly List<StreamParameter> _uploads = [];
    private readonly List<StreamParameter> _progress = [];

    public MethodStreams(RpcMethodDescription method)
    {
        ReturnsBytes = method.Items is { } items && IsBytes(items);
        ReturnsItems = method.Items is not null && !ReturnsBytes;
        JsonElement properties = SchemaDocument.Member(method.Arguments, "properties") ?? default;
        foreach (JsonProperty property in properties.ValueKind == JsonValueKind.Object ? properties.EnumerateObject() : default)
        {
            var parameter = new StreamParameter(property.Name, SchemaDocument.Member(property.Value, "items") ?? default, IsBytes(property.Value));
            if (IsUpload(property.Value))
            {
                _uploads.Add(parameter);
            }
            else if (IsProgress(property.Value))
            {
                _progress.Add(parameter);
            }
        }
    }

    /// <summary>The streams that a call sends.</summary>
    public IReadOnlyList<StreamParameter> Uploads => _uploads;

    /// <summary>The progress that a call can take.</summary>
    public IReadOnlyList<StreamParameter> Progress => _progress;

    /// <summary>Whether the method returns a stream of items.</summary>
    public bool ReturnsItems { get; }

    /// <summary>Whether the method returns a stream of bytes.</summary>
    public bool ReturnsBytes { get; }

    /// <summary>Whether the method returns or takes a stream.</summary>
    public bool HasStream => ReturnsItems || ReturnsBytes || _uploads.Count > 0;

    /// <summary>Whether a parameter is a stream that the caller sends.</summary>
    public static bool IsUpload(JsonElement parameter) => SchemaDocument.Member(parameter, "stream") is { ValueKind: JsonValueKind.True };

    /// <summary>Whether a parameter takes progress.</summary>
    public static bool IsProgress(JsonElement parameter) => SchemaDocument.Member(parameter, "progress") is { ValueKind: JsonValueKind.True };

    /// <summary>Whether a schema is that of a stream of bytes.</summary>
    public static bool IsBytes(JsonElement schema) => SchemaDocument.Member(schema, "format") is { ValueKind: JsonValueKind.String } format && format.GetString() == "binary";
}
