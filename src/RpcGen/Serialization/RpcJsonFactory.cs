using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using RpcGen.Generated;
using RpcGen.Protocol;

namespace RpcGen.Serialization;

/// <summary>
/// Creates the JSON options of a client or server. The settings are RpcGen's and not those of a context, because both sides
/// must read and write alike. Metadata is looked up in the user's contexts, in the contract's, in RpcGen's own, and by
/// reflection if the application has it enabled, in this order.
/// </summary>
internal static class RpcJsonFactory
{
    /// <summary>Creates the options for a contract.</summary>
    /// <param name="userContexts">The contexts of the application.</param>
    /// <param name="contract">The contract.</param>
    /// <param name="isServer">Whether arguments are read rather than results: what they lack is then refused.</param>
    public static RpcJson Create(IEnumerable<IJsonTypeInfoResolver> userContexts, RpcContract contract, bool isServer = false)
    {
        IJsonTypeInfoResolver resolver = JsonTypeInfoResolver.Combine(
            [.. userContexts, .. contract.JsonContexts, FrameworkJsonContext.Default, .. ReflectionResolver()]);
        if (contract.JsonForms.HasFlag(RpcJsonForms.Int64AsText))
        {
            resolver = resolver.WithAddedModifier(LargeIntegers.ReleaseMembers);
        }

        JsonSerializerOptions options = CreateOptions(resolver, contract, isServer: false);
        return new RpcJson(
            isServer ? CreateOptions(resolver.WithAddedModifier(new NeededMembers(options).Release), contract, isServer) : options,
            contract.Name,
            contract.JsonForms.HasFlag(RpcJsonForms.CaseInsensitiveArguments));
    }

    private static JsonSerializerOptions CreateOptions(IJsonTypeInfoResolver resolver, RpcContract contract, bool isServer)
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            NumberHandling = contract.JsonForms.HasFlag(RpcJsonForms.NumbersFromText) ? JsonNumberHandling.AllowReadingFromString : JsonNumberHandling.Strict,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = isServer,
            AllowDuplicateProperties = false, // readers of one message must not understand different things
            AllowOutOfOrderMetadataProperties = true,
            MaxDepth = JsonLimits.MaxDepth,
            TypeInfoResolver = resolver,
        };
        foreach (JsonConverter converter in contract.JsonConverters.Concat(LargeIntegers.Converters(contract.JsonForms)))
        {
            options.Converters.Add(converter);
        }

        options.MakeReadOnly();
        return options;
    }

    private static IJsonTypeInfoResolver[] ReflectionResolver() =>
        JsonSerializer.IsReflectionEnabledByDefault ? [CreateReflectionResolver()] : [];

    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "Reached only if the application has JSON reflection enabled; trimming disables it.")]
    [UnconditionalSuppressMessage("AOT", "IL3050", Justification = "Reached only if the application has JSON reflection enabled; NativeAOT disables it.")]
    private static DefaultJsonTypeInfoResolver CreateReflectionResolver() => new() { Modifiers = { TupleMembers.Add } };
}
