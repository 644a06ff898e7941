using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes streams of bytes: <c>Stream</c>.</summary>
internal static class ByteStreamType
{
    /// <summary>Whether a method returns bytes.</summary>
    public static bool IsReturned(IMethodSymbol method) => TaskType.IsTask(method) && TaskType.Result(method) is { } result && Is(result);

    /// <summary>Whether a parameter is a stream of bytes.</summary>
    public static bool Is(IParameterSymbol parameter) => Is(parameter.Type);

    /// <summary>Whether a type is <c>Stream</c>, or a class that derives from it.</summary>
    public static bool IsOrDerives(ITypeSymbol type) => KnownTypes.IsOrDerives(type, "System.IO", "Stream");

    /// <summary>Whether a type is a stream of bytes in a form that cannot be transmitted: a derived class, or nullable.</summary>
    public static bool IsRefused(ITypeSymbol type) => IsOrDerives(type) && (!Is(type) || type.NullableAnnotation == NullableAnnotation.Annotated);

    private static bool Is(ITypeSymbol type) => KnownTypes.Is(type, "System.IO", "Stream");
}
