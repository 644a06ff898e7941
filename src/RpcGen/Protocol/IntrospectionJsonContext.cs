using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen.Protocol;

/// <summary>JSON metadata of the replies to <c>$ping</c> and <c>$describe</c>.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true, AllowDuplicateProperties = false)]
[JsonSerializable(typeof(RpcInstance))]
[JsonSerializable(typeof(RpcServiceInstance))]
[JsonSerializable(typeof(RpcServerCounters))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class IntrospectionJsonContext : JsonSerializerContext;
