using System.Text.Json;
using System.Text.Json.Serialization;

namespace RpcGen.Protocol;

/// <summary>How servers describe themselves, in JSON.</summary>
[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RpcInstance))]
[JsonSerializable(typeof(RpcServiceDescription))]
internal sealed partial class IntrospectionJsonContext : JsonSerializerContext;
