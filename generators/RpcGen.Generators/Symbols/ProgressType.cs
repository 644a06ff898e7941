using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes progress: <c>IProgress&lt;T&gt;</c>, and types that hold or implement it.</summary>
internal static class ProgressType
{
    /// <summary>The type of the values if a parameter takes progress; otherwise null.</summary>
    public static ITypeSymbol? Item(IParameterSymbol parameter) => Is(parameter.Type) ? ((INamedTypeSymbol)parameter.Type).TypeArguments[0] : null;

    /// <summary>Whether a parameter takes progress in a form that cannot be transmitted: as a class, or inside of another type.</summary>
    public static bool IsRefused(IParameterSymbol parameter) => Item(parameter) is { } item
        ? Holds(item) || StreamType.Holds(item)
        : Holds(parameter.Type);

    /// <summary>Whether a type is progress, implements it, or has an array element or a type argument that does.</summary>
    private static bool Holds(ITypeSymbol type) => Is(type) || type.AllInterfaces.Any(Is) || type switch
    {
        IArrayTypeSymbol array => Holds(array.ElementType),
        INamedTypeSymbol named => named.TypeArguments.Any(Holds),
        _ => false,
    };

    private static bool Is(ITypeSymbol type) => KnownTypes.Is(type, "System", "IProgress`1");
}
