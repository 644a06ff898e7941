using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes streams: <c>IAsyncEnumerable&lt;T&gt;</c>, and types that others use for the same purpose.</summary>
internal static class StreamType
{
    /// <summary>The type of the items if a method returns a stream; otherwise null.</summary>
    public static ITypeSymbol? Item(IMethodSymbol method) =>
        !method.ReturnsByRef && !method.ReturnsByRefReadonly && IsStream(method.ReturnType) ? ((INamedTypeSymbol)method.ReturnType).TypeArguments[0] : null;

    /// <summary>The type of the items if a parameter is a stream; otherwise null.</summary>
    public static ITypeSymbol? Item(IParameterSymbol parameter) => IsStream(parameter.Type) ? ((INamedTypeSymbol)parameter.Type).TypeArguments[0] : null;

    /// <summary>Whether a method returns a stream or takes one.</summary>
    public static bool HasStreams(IMethodSymbol method) => Item(method) is not null || method.Parameters.Any(parameter => IsStream(parameter.Type));

    /// <summary>Whether the type is <c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    public static bool IsStream(ITypeSymbol type) => KnownTypes.Is(type, "System.Collections.Generic", "IAsyncEnumerable`1");

    /// <summary>Whether the type is a stream in any form.</summary>
    public static bool IsAnyForm(ITypeSymbol type) => IsStream(type) || IsOtherForm(type);

    /// <summary>Whether a parameter is a stream in a form that cannot be transmitted: of another type, inside of another type, nullable or optional.</summary>
    public static bool IsRefused(IParameterSymbol parameter) => IsStream(parameter.Type)
        ? parameter.Type.NullableAnnotation == NullableAnnotation.Annotated || parameter.HasExplicitDefaultValue || IsInside(((INamedTypeSymbol)parameter.Type).TypeArguments[0])
        : IsOtherForm(parameter.Type) || KnownTypes.IsOrDerives(parameter.Type, "System.IO.Pipelines", "PipeReader") || IsInside(parameter.Type);

    /// <summary>Whether an array or a type argument is a stream.</summary>
    private static bool IsInside(ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => IsAnyForm(array.ElementType) || IsInside(array.ElementType),
        INamedTypeSymbol named => IsAnyForm(named) || named.TypeArguments.Any(IsInside),
        _ => false,
    };

    /// <summary>Whether the type is another form of a stream, which a method should return as <c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    public static bool IsOtherForm(ITypeSymbol type) =>
        KnownTypes.Is(type, "System.Collections.Generic", "IAsyncEnumerator`1") ||
        KnownTypes.Is(type, "System", "IObservable`1") ||
        KnownTypes.IsOrDerives(type, "System.Threading.Channels", "ChannelReader`1");
}
