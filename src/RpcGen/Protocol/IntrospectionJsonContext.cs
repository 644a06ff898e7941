using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen.Protocol;

/// <summary>JSON metadata of the replies to questions about the server.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RpcInstance))]
[JsonSerializable(typeof(RpcServiceInstance))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class IntrospectionJsonContext : JsonSerializerContext;
