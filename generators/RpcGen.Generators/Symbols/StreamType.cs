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

    /// <summary>The type of what follows the request, if a parameter is a stream or takes progress; otherwise null.</summary>
    public static ITypeSymbol? ItemApart(IParameterSymbol parameter) => Item(parameter) ?? ProgressType.Item(parameter);

    /// <summary>Whether a method returns a stream of items or bytes.</summary>
    public static bool IsReturned(IMethodSymbol method) => Item(method) is not null || ByteStreamType.IsReturned(method);

    /// <summary>Whether a method returns a stream or takes one.</summary>
    public static bool HasStreams(IMethodSymbol method) => IsReturned(method) || method.Parameters.Any(parameter => IsStream(parameter.Type) || ByteStreamType.Is(parameter));

    /// <summary>Whether more than a request and a reply belongs to a method's calls: streams, or progress.</summary>
    public static bool HasStreamsOrProgress(IMethodSymbol method) => HasStreams(method) || method.Parameters.Any(parameter => ProgressType.Item(parameter) is not null);

    /// <summary>Whether the type is <c>IAsyncEnumerable&lt;T&gt;</c>.</summary>
    public static bool IsStream(ITypeSymbol type) => KnownTypes.Is(type, "System.Collections.Generic", "IAsyncEnumerable`1");

    /// <summary>Whether the type is a stream in any form.</summary>
    public static bool IsAnyForm(ITypeSymbol type) => IsStream(type) || IsOtherForm(type) || ByteStreamType.IsOrDerives(type);

    /// <summary>Whether a parameter is a stream in a form that cannot be transmitted: of another type, inside of another type, nullable or optional.</summary>
    public static bool IsRefused(IParameterSymbol parameter) => IsStream(parameter.Type)
        ? parameter.Type.NullableAnnotation == NullableAnnotation.Annotated || parameter.HasExplicitDefaultValue || IsInside(((INamedTypeSymbol)parameter.Type).TypeArguments[0])
        : ByteStreamType.IsOrDerives(parameter.Type) ? ByteStreamType.IsRefused(parameter.Type) || parameter.HasExplicitDefaultValue
        : IsOtherForm(parameter.Type) || KnownTypes.IsOrDerives(parameter.Type, "System.IO.Pipelines", "PipeReader") || IsInside(parameter.Type);

    /// <summary>Whether a type is a stream in any form, or has an array element or a type argument that is.</summary>
    public static bool Holds(ITypeSymbol type) => IsAnyForm(type) || IsInside(type);

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
