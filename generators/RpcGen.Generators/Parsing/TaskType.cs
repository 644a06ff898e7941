using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Parsing;

/// <summary>What a remote method may return.</summary>
internal static class TaskType
{
    private const string Namespace = "System.Threading.Tasks";

    public static bool IsTask(IMethodSymbol method) =>
        !method.ReturnsByRef && !method.ReturnsByRefReadonly && method.ReturnType is INamedTypeSymbol { Arity: 0 or 1, Name: "Task" or "ValueTask" } type &&
        KnownTypes.Is(type, Namespace, type.MetadataName);

    public static bool IsReferenceTask(IMethodSymbol method) => method.ReturnType.IsReferenceType;

    /// <summary>The type of the result; null where there is none.</summary>
    public static ITypeSymbol? Result(IMethodSymbol method) =>
        method.ReturnType is INamedTypeSymbol { TypeArguments: [var result] } ? result : null;
}
