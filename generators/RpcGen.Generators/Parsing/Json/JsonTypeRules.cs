using Microsoft.CodeAnalysis;
using RpcGen.Generators.Symbols;

namespace RpcGen.Generators.Parsing.Json;

/// <summary>
/// The rules by which System.Text.Json writes and reads types, in the order in which it asks its converters. A test compares them
/// with the serializer itself.
/// </summary>
internal static class JsonTypeRules
{
    private const string Data = "use a type that holds data";

    public static JsonTypeReport Of(ITypeSymbol type) => type switch
    {
        _ when FrameworkJson.Covers(type) || JsonConverters.HasConverter(type) => JsonTypeReport.Fine,
        { TypeKind: TypeKind.Error or TypeKind.TypeParameter or TypeKind.Enum } => JsonTypeReport.Fine,
        _ when Refusal(type) is { } advice => JsonTypeReport.Unsupported(type, advice),
        _ when KnownTypes.IsOrDerives(type, "System", "Exception") => Exceptions(type),
        IArrayTypeSymbol array => JsonTypeReport.Of([array.ElementType]),
        INamedTypeSymbol { IsTupleType: true } tuple => JsonTypeReport.Of(tuple.TupleElements.Select(element => element.Type)),
        INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable => JsonTypeReport.Of(nullable.TypeArguments),
        INamedTypeSymbol memory when KnownTypes.Is(memory, "System", "Memory`1") || KnownTypes.Is(memory, "System", "ReadOnlyMemory`1") => JsonTypeReport.Of(memory.TypeArguments),
        _ when KnownTypes.IsOrDerives(type, "System.Text.Json.Nodes", "JsonNode") => JsonTypeReport.Fine,
        INamedTypeSymbol named => CollectionRules.Of(named) ?? ObjectRules.Of(named),
        _ => JsonTypeReport.Fine,
    };

    /// <summary>Exceptions that were not thrown can be written, and a property that is only written is null as a rule.</summary>
    private static JsonTypeReport Exceptions(ITypeSymbol type) =>
        new([new JsonProblem(JsonProblemKind.Unsupported, type, "declare the exception as a fault with [RpcFault], or use a type that holds data") { IsOnlyRead = true }], []);

    /// <summary>Why values of the type can be neither written nor read; null if they can.</summary>
    private static string? Refusal(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol { Rank: > 1 } => "use an array of arrays",
        { TypeKind: TypeKind.Delegate or TypeKind.Pointer or TypeKind.FunctionPointer } or { IsRefLikeType: true } => Data,
        { SpecialType: SpecialType.System_IntPtr or SpecialType.System_UIntPtr } => "use a number of a fixed size",
        { SpecialType: SpecialType.System_Delegate or SpecialType.System_MulticastDelegate } => Data,
        _ when KnownTypes.IsToken(type) || KnownTypes.IsOrDerives(type, "System.Threading.Tasks", "Task") => Data,
        _ when KnownTypes.Is(type, "System.Threading.Tasks", "ValueTask") || KnownTypes.Is(type, "System.Threading.Tasks", "ValueTask`1") => Data,
        _ when KnownTypes.IsOrDerives(type, "System.Reflection", "MemberInfo") || KnownTypes.IsOrDerives(type, "System.IO", "Stream") => Data,
        _ when Is(type, "System.Collections.Generic", "IAsyncEnumerable`1") => "use a list",
        _ when KnownTypes.Is(type, "System.Runtime.Serialization", "SerializationInfo") => Data,
        _ => null,
    };

    /// <summary>Whether the type is an interface of the given name, or implements it.</summary>
    private static bool Is(ITypeSymbol type, string @namespace, string metadataName) =>
        KnownTypes.Is(type, @namespace, metadataName) || type.AllInterfaces.Any(candidate => KnownTypes.Is(candidate, @namespace, metadataName));
}
