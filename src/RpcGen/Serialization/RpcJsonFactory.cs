using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Serialization;

/// <summary>
/// Makes the JSON options of a client or server. RpcGen's own settings govern, not those of a context: both sides must
/// read and write alike. Metadata comes from the user's contexts, then the contract's, then RpcGen's own, and last from
/// reflection where the application has it.
/// </summary>
internal static class RpcJsonFactory
{
    public static RpcJson Create(IEnumerable<IJsonTypeInfoResolver> userContexts, RpcContract contract)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            NumberHandling = JsonNumberHandling.Strict,
            RespectNullableAnnotations = true,
            AllowOutOfOrderMetadataProperties = true,
            MaxDepth = JsonLimits.MaxDepth,
            TypeInfoResolver = JsonTypeInfoResolver.Combine(
                [.. userContexts, .. contract.JsonContexts, FrameworkJsonContext.Default, .. ReflectionResolver()]),
        };
        options.MakeReadOnly();
        return new RpcJson(options, contract.Name);
    }

    private static IJsonTypeInfoResolver[] ReflectionResolver() =>
        JsonSerializer.IsReflectionEnabledByDefault ? [CreateReflectionResolver()] : [];

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Only reached where the application has JSON reflection on; trimming turns it off.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Only reached where the application has JSON reflection on; NativeAOT turns it off.")]
    private static DefaultJsonTypeInfoResolver CreateReflectionResolver() => new() { Modifiers = { TupleMembers.Add } };
}
