using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes streams: <c>IAsyncEnumerable&lt;T&gt;</c>, and types that others use for the same purpose.</summary>
internal static class StreamType
{
    /// <summary>The type of the items if a method returns a stream; otherwise null.</summary>
    public static ITypeSymbol? Item(IMethodSymbol method) =>
        !method.ReturnsByRef && !method.ReturnsByRefReadonly && IsStream(method.ReturnType) ? ((INamedTypeSymbol)method.ReturnType).TypeArguments[0] : null;

    /// <summary>Whether the type is <c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    public static bool IsStream(ITypeSymbol type) => KnownTypes.Is(type, "System.Collections.Generic", "IAsyncEnumerable`1");

    /// <summary>Whether the type is a stream in any form.</summary>
    public static bool IsAnyForm(ITypeSymbol type) => IsStream(type) || IsOtherForm(type);

    /// <summary>Whether the type is another form of a stream, which a method should return as <c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    public static bool IsOtherForm(ITypeSymbol type) =>
        KnownTypes.Is(type, "System.Collections.Generic", "IAsyncEnumerator`1") ||
        KnownTypes.Is(type, "System", "IObservable`1") ||
        KnownTypes.IsOrDerives(type, "System.Threading.Channels", "ChannelReader`1");
}
