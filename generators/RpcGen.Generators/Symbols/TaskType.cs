using Microsoft.CodeAnalysis;

namespace RpcGen.Generators.Symbols;

/// <summary>Recognizes the return types of remote methods: <c>Task</c> and <c>ValueTask</c>, with or without a result.</summary>
internal static class TaskType
{
    private const string Namespace = "System.Threading.Tasks";

    public static bool IsTask(IMethodSymbol method) =>
        !method.ReturnsByRef && !method.ReturnsByRefReadonly && method.ReturnType is INamedTypeSymbol { Arity: 0 or 1, Name: "Task" or "ValueTask" } type &&
        KnownTypes.Is(type, Namespace, type.MetadataName);

    /// <summary>Whether a method that returns a task returns <c>Task</c> rather than <c>ValueTask</c>.</summary>
    public static bool IsReferenceTask(IMethodSymbol method) => method.ReturnType.IsReferenceType;

    /// <summary>The task's result type; null for a task without a result.</summary>
    public static ITypeSymbol? Result(IMethodSymbol method) =>
        method.ReturnType is INamedTypeSymbol { TypeArguments: [var result] } ? result : null;
}
